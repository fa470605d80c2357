"""How long the desk and its queues take on the server, with 60,000 datasets and as much work.

    python -m benchmarks.desk
    python -m benchmarks.desk --database-url postgres://postgres@127.0.0.1:5432/desk_benchmark

Synthetic rows are written straight into an empty database; then each page is asked for as a chief steward
and as the steward of one source, and medians and the number of queries are printed. The target is 150 ms
of processor time, which other work on the machine does not change; with SQLite that is all there is, with
PostgreSQL see the wall time. Nothing but the database and Django is in it.
"""

from __future__ import annotations

import argparse

from benchmarks.workplace import open_workplace, run_step


def main() -> None:
    """Fill an empty catalogue, ask for the pages, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database-url", default="", help="a PostgreSQL database that is made and dropped")
    options = parser.parse_args()
    with open_workplace(options.database_url) as environment:
        filled = run_step(environment, "benchmarks.desk_rows:fill")
        print(f"filled in {filled.wall_s:.0f} s")
        for who, address, worked_ms, passed_ms, queries in run_step(
            environment, "benchmarks.desk_rows:ask_all"
        ).result:
            print(f"{who:8} {address:36} {worked_ms:5.0f} ms {passed_ms:5.0f} ms wall {queries:3} queries")


if __name__ == "__main__":
    main()
