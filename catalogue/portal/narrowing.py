"""Ranges and places of a search as words, and the map on which a place is chosen.

The map is an SVG of ours in plate carrée: a graticule, names of places, the boxes of what was found. Each cell
of its grid is a link that chooses it, so it works without a script, and the fields beside it do too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Dataset
from catalogue.search.engine import Box, SearchQuery
from catalogue.search.places import list_boxes, split_box
from catalogue.search.query import query_to_params
from ontology.places import KnownPlace, list_places

EUROPE: Box = (-25.0, 34.0, 45.0, 72.0)
WIDTH = 720  # units of the drawing
_STEPS = (30.0, 15.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05)
_LEAST_CELLS, _MOST_NAMES = 4, 40
_SMALLEST = 3.0  # units; a point is drawn so large
KIND_LABELS: dict[str, str | Promise] = {
    "region": gettext_lazy("Parts of the world"),
    "country": gettext_lazy("Countries"),
    "sea": gettext_lazy("Seas"),
    "county": gettext_lazy("Swedish counties"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle of the drawing, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the graticule with its degree."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str


@dataclass(frozen=True, slots=True)
class Name:
    """A place's name on the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class MapView:
    """The drawing."""

    width: int
    height: int
    cells: Sequence[Shape]
    lines: Sequence[Line]
    names: Sequence[Name]
    boxes: Sequence[Shape]
    chosen: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A place to choose."""

    name: str
    href: str
    is_chosen: bool


def ranges_to_words(query: SearchQuery, reader: str) -> list[tuple[str, str, SearchQuery]]:
    """Return (name, words, the search without it) for each range that is on, and for the place."""
    found = []
    if any(year is not None for year in query.years):
        first, last = query.years
        found.append((_("Years"), _span(first, last), replace(query, years=(None, None), offset=0)))
    if any(size is not None for size in query.size_bytes):
        low, high = (None if size is None else filesizeformat(size) for size in query.size_bytes)
        found.append((_("Size"), _span(low, high), replace(query, size_bytes=(None, None), offset=0)))
    if query.box is not None:
        found.append((_("Place"), box_to_words(query.box, reader), replace(query, box=None, offset=0)))
    return found


def box_to_words(box: Box, reader: str) -> str:
    """Return the name of the place that has this box, else its corners."""
    known = next((place for place in list_places() if place.box == box), None)
    if known:
        return known.name(reader)
    west, south, east, north = box
    return f"{_latitude(south)}–{_latitude(north)}, {_longitude(west)}–{_longitude(east)}"


def list_place_links(query: SearchQuery, reader: str) -> list[tuple[str | Promise, list[PlaceLink]]]:
    """Return the known places by kind, each leading to the results there."""
    groups: dict[str, list[PlaceLink]] = {}
    for place in list_places():
        href = _href(replace(query, box=place.box, offset=0), "search")
        groups.setdefault(place.kind, []).append(PlaceLink(place.name(reader), href, place.box == query.box))
    for links in groups.values():
        links.sort(key=lambda link: link.name.casefold())
    return [(KIND_LABELS[kind], links) for kind, links in groups.items()]


def draw_map(query: SearchQuery, datasets: Iterable[Dataset], reader: str) -> MapView:
    """Return the map of what was found, around the place that is chosen, else around Europe or the world."""
    titles: dict[Box, list[str]] = {}
    for row in datasets:
        for box in list_boxes(row.to_record().spatial):
            titles.setdefault(box, []).append(row.title)
    found = [(_name_all(named), box) for box, named in titles.items()]
    view = _choose_view(query.box, list(titles))
    west, south, east, north = view
    scale = WIDTH / (east - west)
    height = round((north - south) * scale)

    def shape(box: Box, label: str = "", href: str = "") -> Shape:
        left, right = max(box[0], west), min(box[2], east)
        low, high = max(box[1], south), min(box[3], north)
        width, tall = max((right - left) * scale, _SMALLEST), max((high - low) * scale, _SMALLEST)
        return Shape(round((left - west) * scale, 1), round((north - high) * scale, 1), round(width, 1), round(tall, 1), label, href)  # fmt: skip

    step = next((s for s in _STEPS if (east - west) / s >= _LEAST_CELLS), _STEPS[-1])
    longitudes, latitudes = _ticks(west, east, step), _ticks(south, north, step)
    lines = [
        *(Line(round((x - west) * scale, 1), 0, round((x - west) * scale, 1), height, _longitude(x)) for x in longitudes),
        *(Line(0, round((north - y) * scale, 1), WIDTH, round((north - y) * scale, 1), _latitude(y)) for y in latitudes),
    ]  # fmt: skip
    cells = []
    for x in _ticks(west, east, step, is_outer=True)[:-1]:
        for y in _ticks(south, north, step, is_outer=True)[:-1]:
            cell: Box = (max(x, -180), max(y, -90), min(x + step, 180), min(y + step, 90))
            if _touches(cell, view):
                label = f"{_latitude(cell[1])}, {_longitude(cell[0])}"
                cells.append(shape(cell, label, _href(replace(query, box=cell, offset=0), "search-map")))
    shown = [pair for pair in found if _touches(pair[1], view)]
    shown.sort(key=lambda pair: -(pair[1][2] - pair[1][0]) * (pair[1][3] - pair[1][1]))
    return MapView(
        WIDTH,
        height,
        cells,
        lines,
        _place_names(view, scale, reader),
        [shape(box, title) for title, box in shown],
        [shape(half) for half in split_box(query.box)] if query.box else [],
    )


def _name_all(titles: Sequence[str]) -> str:
    """Return what is written on a box: a title, and how many others have the same."""
    more = len(titles) - 1
    return f"{titles[0]} +{more}" if more else titles[0]


def _choose_view(chosen: Box | None, boxes: Sequence[Box]) -> Box:
    if chosen is not None and chosen[0] <= chosen[2]:
        pad = max((chosen[2] - chosen[0]) * 0.25, (chosen[3] - chosen[1]) * 0.25, 0.1)
        box = (chosen[0] - pad, chosen[1] - pad, chosen[2] + pad, chosen[3] + pad)
    elif chosen is None and boxes and all(_touches(box, EUROPE) for box in boxes):
        box = EUROPE
    else:
        return (-180.0, -90.0, 180.0, 90.0)
    west, south, east, north = max(box[0], -180), max(box[1], -90), min(box[2], 180), min(box[3], 90)
    # No wider than three times its height, and no taller than it is wide.
    wide, tall = east - west, north - south
    if wide > 3 * tall:
        south, north = _widen(south, north, wide / 3, 90)
    elif tall > wide:
        west, east = _widen(west, east, tall, 180)
    return (west, south, east, north)


def _widen(low: float, high: float, wanted: float, limit: float) -> tuple[float, float]:
    more = (wanted - (high - low)) / 2
    low, high = low - more, high + more
    shift = max(-limit - low, 0) - max(high - limit, 0)
    return max(low + shift, -limit), min(high + shift, limit)


def _place_names(view: Box, scale: float, reader: str) -> list[Name]:
    """Return names of the places whose middle is in view and that are large enough, none over another."""
    west, south, east, north = view
    taken: list[tuple[float, float, float]] = []
    names: list[Name] = []
    for place in sorted(list_places(), key=_rank):
        x = (place.middle[0] - west) * scale
        y = (north - place.middle[1]) * scale
        text = place.name(reader)
        width = len(text) * 7
        is_inside = width / 2 < x < (east - west) * scale - width / 2 and 12 < y < (north - south) * scale - 6
        is_large = (place.box[2] - place.box[0]) * scale > width * 0.6
        is_free = all(abs(x - at) > (width + other) / 2 or abs(y - down) > 14 for at, down, other in taken)
        if place.kind in {"country", "sea", "county"} and is_inside and is_large and is_free:
            taken.append((x, y, width))
            names.append(Name(round(x, 1), round(y, 1), text))
        if len(names) == _MOST_NAMES:
            break
    return names


def _rank(place: KnownPlace) -> tuple[int, float]:
    west, south, east, north = place.box
    return (("country", "county", "sea", "region").index(place.kind), -(east - west) * (north - south))


def _ticks(low: float, high: float, step: float, *, is_outer: bool = False) -> list[float]:
    first = (math.floor if is_outer else math.ceil)(low / step)
    last = (math.ceil if is_outer else math.floor)(high / step)
    return [round(n * step, 6) for n in range(first, last + 1)]


def _touches(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _span(low: object, high: object) -> str:
    if low is None:
        return _("up to %(end)s") % {"end": high}
    if high is None:
        return _("from %(start)s") % {"start": low}
    return str(low) if low == high else f"{low}–{high}"


def _latitude(degrees: float) -> str:
    return f"{abs(degrees):g}°" + ("" if not degrees else _("N") if degrees > 0 else _("S"))


def _longitude(degrees: float) -> str:
    return f"{abs(degrees):g}°" + ("" if not degrees else _("E") if degrees > 0 else _("W"))


def _href(query: SearchQuery, name: str) -> str:
    params = urlencode(query_to_params(query))
    return reverse(name) + (f"?{params}" if params else "")
