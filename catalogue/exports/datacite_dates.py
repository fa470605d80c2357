"""Dates as DataCite takes them: W3CDTF, or a range of two with either end open (RKMS-ISO8601).

W3CDTF: https://www.w3.org/TR/NOTE-datetime; a year alone and a year with a month are dates too.
"""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?"
)


def explain_date(value: str) -> str:
    """Return what is wrong with a date or range, "" if nothing is."""
    start, slash, end = value.partition("/")
    parts = [part for part in (start, end) if part] if slash else [start]
    if not parts or not all(map(_is_date, parts)):
        return "Write the date as 2024, 2024-05, 2024-05-06 or with a time; a period as two of these."
    if start and end and end[: len(start)] < start[: len(end)]:
        return "The period ends before it begins; exchange the dates or correct them."
    return ""


def _is_date(value: str) -> bool:
    match = _DATE.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return True
