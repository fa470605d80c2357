"""dc:coverage and dc:date: places, periods and the date of issue, told apart by their looks.

Forms known: W3CDTF dates and ranges with "/", DCMI Period
(https://www.dublincore.org/specifications/dublin-core/dcmi-period/), DCMI Box and DCMI Point of the same
series. Everything else in dc:coverage is the name of a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from catalogue.records import Period, Place, Text
from harvesters.formats.geometry import NotGeometryError, box_to_wkt, read_box, read_point, read_wkt
from harvesters.formats.identifier_schemes import is_iri

_DATE = r"-?\d{4}(?:-\d{2}(?:-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?)?)?"
_ONE_DATE = re.compile(_DATE)
_RANGE = re.compile(rf"({_DATE}|\.\.)?\s*(?:/|\s-\s|\s?–\s?)\s*({_DATE}|\.\.)?")
_YEARS = re.compile(r"(\d{4})-(\d{4})")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:")
_BOX_NAMES = ("westlimit", "southlimit", "eastlimit", "northlimit")


def read_coverage(texts: Iterable[Text]) -> tuple[tuple[Place, ...], tuple[Period, ...]]:
    """Return the places and the periods."""
    places: list[Place] = []
    periods: list[Period] = []
    for text in texts:
        period = _read_period(text.value)
        if period is not None:
            periods.append(period)
        else:
            places.append(_read_place(text))
    return tuple(places), tuple(periods)


def choose_issued(dates: Sequence[str]) -> str:
    """Return the date of issue among several dc:date.

    Repositories (DSpace for one) add the times of deposit to the publisher's own date. Theirs are
    times of day, the publisher's is a day, a month or a year: so the earliest of the least exact
    kind. Embargo ends and, where there is a date, words are left out.
    """
    dates = [date for date in dates if not date.casefold().startswith("info:")]
    starts = [match[1] if (match := _RANGE.fullmatch(date)) and match[1] else date for date in dates]
    days = [date for date in starts if _ONE_DATE.fullmatch(date) and "T" not in date]
    times = [date for date in starts if _TIMESTAMP.match(date)]
    return min(days or times or dates[:1], default="")


def _read_period(value: str) -> Period | None:
    if _ONE_DATE.fullmatch(value):
        return Period(value, value)
    if (match := _YEARS.fullmatch(value)) and match[1] <= match[2]:
        return Period(match[1], match[2])
    if (match := _RANGE.fullmatch(value)) and (match[1] or match[2]):
        return Period(*("" if end in (None, "..") else end for end in match.groups()))
    parts = _read_dcsv(value)
    if "start" in parts or "end" in parts:
        return Period(parts.get("start", ""), parts.get("end", ""))
    return None


def _read_place(text: Text) -> Place:
    value = text.value
    if is_iri(value):
        return Place(iri=value)
    parts = _read_dcsv(value)
    label = (Text(parts["name"], text.lang),) if parts.get("name") else ()
    try:
        if all(name in parts for name in _BOX_NAMES):
            box = read_box(*(parts[name] for name in _BOX_NAMES))
            return Place(label=label, bbox=box, geometry=box_to_wkt(box))
        if "east" in parts and "north" in parts:
            return Place(label=label, centroid=read_point(parts["east"], parts["north"]))
        shape = read_wkt(value)
        return Place(bbox=shape.bbox, geometry=shape.wkt, centroid=shape.point)
    except NotGeometryError:
        return Place(label=(text,))


def _read_dcsv(value: str) -> dict[str, str]:
    """Return the members of a DCMI structured value, `name=value; name=value`."""
    parts = (part.partition("=") for part in value.split(";"))
    return {name.strip().casefold(): item.strip() for name, sign, item in parts if sign}
