"""Dates as publishers write them, to dates as the catalogue keeps them: as exact as they came.

Kept are the calendar dates and times of XML Schema 1.1 (https://www.w3.org/TR/xmlschema11-2/): year,
year-month, date, date-time. Pure: "" for what is no date. Nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache

_DATE = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)
_ZONED_DATE = re.compile(r"(-?\d{4}(?:-\d\d(?:-\d\d)?)?)(?:Z|[+-]\d\d:\d\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_SLASHED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})|(\d{1,2})([/.\-])(\d{1,2})\5(\d{4})")
_WORDED = re.compile(
    r"(?:(\d{1,2})[.:]?(?:st|nd|rd|th|:e)?\s+)?([^\W\d]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})"
)
_YEAR_SLASH_MONTH = re.compile(r"(\d{4})/(0[1-9]|1[0-2])")
_TYPED = re.compile(r'"?([^"]*)"?(?:\^\^.*)?')
_OPEN = frozenset({"", "..", "null", "*"})
_EPOCH_MS = re.compile(r"\d{12,13}")
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jan feb mar apr maj jun jul aug sept okt nov dec",
    )
    for number, name in enumerate(names.split(), 1)
}


@lru_cache(maxsize=20_000)
def clean_date(raw: str) -> str:
    """Return the date as year, year-month, date or date-time, or "" where it is none.

    A zone is kept where one was stated and never added. Day and month in an order that cannot be
    known (03/04/2020) give "". Of an interval, the start.
    """
    text = raw.strip()
    if _DATE.fullmatch(text):
        return _check_date(text)
    if match := _DATE_TIME.fullmatch(text):
        return _clean_date_time(match)
    if match := _ZONED_DATE.fullmatch(text):
        return _check_date(match[1])
    if match := _COMPACT.fullmatch(text):
        return _check_date("-".join(match.groups()))
    if match := _YEAR_SLASH_MONTH.fullmatch(text):
        return _check_date(f"{match[1]}-{match[2]}")
    if match := _SLASHED.fullmatch(text):
        return _clean_slashed(match)
    if match := _WORDED.fullmatch(text):
        return _clean_worded(match)
    if _EPOCH_MS.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text) // 1000, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if "/" in text and (start := text.partition("/")[0]) and start != text:
        return clean_date(start)
    if (match := _TYPED.fullmatch(text)) and match[1] != text:
        return clean_date(match[1])
    with suppress(ValueError, TypeError):
        return parsedate_to_datetime(text).isoformat().replace("+00:00", "Z")
    return ""


def clean_interval(raw: str) -> tuple[str, str] | None:
    """Return start and end of an ISO 8601 interval such as `2019/2020`, "" for an open end, else None."""
    start, slash, end = raw.partition("/")
    if not slash or "/" in end:
        return None
    dates = ["" if word.strip() in _OPEN else clean_date(word) or None for word in (start, end)]
    return (dates[0], dates[1]) if dates[0] is not None and dates[1] is not None and any(dates) else None


def _check_date(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        return ""
    year, month, day = match[1], match[2], match[3]
    if month in {None, "00"}:
        return year
    if not 1 <= int(month) <= 12:
        return ""
    if day in {None, "00"}:
        return f"{year}-{month}"
    if year.startswith("-"):
        return text
    try:
        dt.date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return f"{year}-{month}-{day}"


def _clean_date_time(match: re.Match[str]) -> str:
    date = _check_date(match[1])
    if not date or len(date) < 10:
        return date
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return date
    fraction = f".{match[5]}" if match[5] and match[5].strip("0") else ""
    zone = (match[6] or "").upper()
    if zone in {"UTC", "GMT", "Z", "+00", "+0000", "+00:00"}:
        zone = "Z"
    elif zone:
        zone = f"{zone[:3]}:{zone[3:].lstrip(':') or '00'}"
    return f"{date}T{match[2]}:{match[3]}:{second:02d}{fraction}{zone}"


def _clean_slashed(match: re.Match[str]) -> str:
    if match[1]:
        return _check_date(f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}")
    first, second = int(match[4]), int(match[6])
    if match[5] == "." or first > 12 or first == second:
        day, month = first, second
    elif second > 12:
        day, month = second, first
    else:
        return ""
    return _check_date(f"{match[7]}-{month:02d}-{day:02d}")


def _clean_worded(match: re.Match[str]) -> str:
    month = _MONTHS.get(match[2].lower())
    if month is None:
        return ""
    day = match[1] or match[3]
    return _check_date(f"{match[4]}-{month:02d}" + (f"-{int(day):02d}" if day else ""))
