"""How long a committee's board and list of rights take, with 100,000 rights and 5,000 requests that wait.

    python -m benchmarks.access_board
    python -m benchmarks.access_board --database-url postgres://postgres@127.0.0.1:5432/board_benchmark

Synthetic rows are written straight into an empty database; then the pages are asked for as a handler, and
medians and the number of queries are printed. The target is 150 ms of processor time, which other work on the
machine does not change; with PostgreSQL see the wall time. Nothing but the database and Django is in it.
"""

from __future__ import annotations

import argparse

from benchmarks.workplace import open_workplace, run_step


def main() -> None:
    """Fill an empty catalogue, ask for the pages, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rights", type=int, default=100_000)
    parser.add_argument("--waiting", type=int, default=5000)
    parser.add_argument("--database-url", default="", help="a PostgreSQL database that is made and dropped")
    options = parser.parse_args()
    with open_workplace(options.database_url) as environment:
        filled = run_step(environment, "benchmarks.access_board_rows:fill", options.rights, options.waiting)
        print(f"filled in {filled.wall_s:.0f} s")
        for address, worked_ms, passed_ms, queries in run_step(
            environment, "benchmarks.access_board_rows:ask_all"
        ).result:
            print(f"{address:48} {worked_ms:5.0f} ms {passed_ms:5.0f} ms wall {queries:3} queries")


if __name__ == "__main__":
    main()
