"""How access requests bear 100,000 rights: a committee's pages, a person's visas, the nightly check of all logs.

    python -m benchmarks.access_scale
    python -m benchmarks.access_scale --database-url postgres://postgres@127.0.0.1:5432/access_benchmark

Synthetic rows, with whole logs, are written straight into an empty database; then the pages are asked for as a
handler, visas by people of five rights each, and the logs are folded again. Printed are medians (of the visas the
95th percentile too) of processor time, which other work on the machine does not change, and of the wall time, which
is the one to look at with PostgreSQL. The targets: a page in 150 ms, visas in 20 ms (p95), the check in minutes.
Nothing but the database and Django is in it.
"""

from __future__ import annotations

import argparse

from benchmarks.workplace import open_workplace, run_step

_ROWS = "benchmarks.access_scale_rows"


def main() -> None:
    """Fill an empty catalogue, ask, print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rights", type=int, default=100_000)
    parser.add_argument("--waiting", type=int, default=5000)
    parser.add_argument("--database-url", default="", help="a PostgreSQL database that is made and dropped")
    options = parser.parse_args()
    with open_workplace(options.database_url) as environment:
        filled = run_step(environment, f"{_ROWS}:fill", options.rights, options.waiting)
        print(f"filled in {filled.wall_s:.0f} s", flush=True)
        for address, worked_ms, passed_ms, queries in run_step(environment, f"{_ROWS}:ask_pages").result:
            print(
                f"{address:48} {worked_ms:5.0f} ms {passed_ms:5.0f} ms wall {queries:3} queries", flush=True
            )
        visas = run_step(environment, f"{_ROWS}:ask_visas").result
        for algorithm, rights, (half_ms, most_ms), (half_wall_ms, most_wall_ms) in visas:
            print(
                f"{rights} visas, {algorithm}: p50 {half_ms:.1f}, p95 {most_ms:.1f} ms; "
                f"p50 {half_wall_ms:.1f}, p95 {most_wall_ms:.1f} ms wall",
                flush=True,
            )
        checked = run_step(environment, f"{_ROWS}:check")
        applications, events, faults = checked.result
        print(
            f"nightly check: {applications} logs of {events} events in {checked.wall_s:.0f} s "
            f"({checked.cpu_s:.0f} s of processor time), {checked.peak_mib:.0f} MiB, {faults} faults"
        )


if __name__ == "__main__":
    main()
