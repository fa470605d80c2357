"""The register of sharing as CSV (RFC 4180) and JSON. Pure.

CSV: `*` where cells are not told apart by a column. A cell that a spreadsheet would run as a formula gets an
apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalogue.exports.csv_cell import guard_cell

COLUMNS: Final = (
    *("outcome", "committee", "dataset", "title", "country", "sector", "purpose", "year", "month", "count"),
)
POOLED: Final = "*"


def rows_to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows of the register, the names of the columns first. None is written as `*`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_write_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _write_cell(value: object) -> str:
    if value is None:
        return POOLED
    return guard_cell(str(value))
