"""Where data is about, as boxes: from a record's places, and from what somebody types.

Boxes are west, south, east, north in degrees (WGS 84), as in GeoJSON (RFC 7946, 5). A place that has only
the IRI or the name of a country or a Swedish county gets the box of ontology/places.py. Pure.

Not done here: shapes. A country's box holds parts of its neighbours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from catalogue.records import Place
from catalogue.search.engine import Box
from ontology.places import find_place

MOST_BOXES = 4
_MOST_PLACES = 500  # of a record, that are looked at


def list_boxes(places: Sequence[Place]) -> tuple[Box, ...]:
    """Return the boxes of a record's places: at most MOST_BOXES, near ones joined, none over the 180th meridian."""
    boxes: dict[Box, None] = {}
    for place in places[:_MOST_PLACES]:
        box = _find_box(place)
        if box is not None:
            boxes.update(dict.fromkeys(split_box(box)))
    found = sorted(boxes)
    while len(found) > MOST_BOXES:
        growth = [_area(_join(a, b)) - _area(a) - _area(b) for a, b in itertools.pairwise(found)]
        at = growth.index(min(growth))
        found[at : at + 2] = [_join(found[at], found[at + 1])]
    return tuple(found)


def split_box(box: Box) -> list[Box]:
    """Return the box, or its two halves where it goes over the 180th meridian."""
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def is_box(values: Sequence[float]) -> bool:
    """Whether four numbers are a box on Earth."""
    if len(values) != 4 or not all(math.isfinite(value) for value in values):
        return False
    west, south, east, north = values
    return -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90


def parse_box(text: str) -> Box | None:
    """Return the box of "west,south,east,north", None when it is none."""
    parts = text.replace(";", ",").split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        return None
    return (values[0], values[1], values[2], values[3]) if is_box(values) else None


def format_box(box: Box) -> str:
    """Return a box as `parse_box` reads it."""
    return ",".join(f"{round(value, 5):g}" for value in box)


def _find_box(place: Place) -> Box | None:
    if place.bbox is not None and is_box(place.bbox):
        return place.bbox
    if place.centroid is not None:
        longitude, latitude = place.centroid
        point = (longitude, latitude, longitude, latitude)
        if is_box(point):
            return point
    known = find_place(place.iri) or next(
        (found for text in place.label if (found := find_place(text.value))), None
    )
    return known.box if known else None


def _join(a: Box, b: Box) -> Box:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def hull(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest box that holds all, None for none."""
    found = list(boxes)
    if not found:
        return None
    joined = found[0]
    for box in found[1:]:
        joined = _join(joined, box)
    return joined
