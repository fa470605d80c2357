"""DataCite geoLocations to places, and dates to periods.

Kernel 4 has numbers in members, kernel 3 as one text: "latitude longitude" for a point, "south west
north east" for a box. A geometry that is not on the globe is left out, which `Normalised` tells.
"""

from __future__ import annotations

from typing import Any

from catalogue.records import Normalised, Period, Place, Text
from harvesters.formats.datacite_agents import read_words
from harvesters.formats.geometry import (
    Box,
    NotGeometryError,
    Point,
    box_to_wkt,
    find_bounds,
    polygon_to_wkt,
    read_box,
    read_point,
)
from harvesters.formats.loose_json import show_json, value_to_list, value_to_objects

_BOX_MEMBERS = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def read_places(value: Any) -> tuple[tuple[Place, ...], tuple[Normalised, ...]]:
    """Return the places, and what geometry had to be left out."""
    places: list[Place] = []
    dropped: list[Normalised] = []
    for item in value_to_objects(value):
        field = f"spatial[{len(places)}]"
        point = box = None
        polygons: list[list[Point]] = []
        try:
            point = _read_point(item.get("geoLocationPoint"))
            box = _read_box(item.get("geoLocationBox"))
            polygons = _read_polygons(item.get("geoLocationPolygon"))
        except NotGeometryError:
            dropped.append(
                Normalised(field, show_json(item), "", "geometry is not on the globe (WGS 84 degrees)")
            )
        name = read_words(item.get("geoLocationPlace"))
        if polygons and box is None:
            box = find_bounds(position for ring in polygons for position in ring)
        place = Place(
            label=(Text(name),) if name else (),
            bbox=box,
            geometry=_make_wkt(polygons, box),
            centroid=point,
        )
        if place != Place():
            places.append(place)
    return tuple(places), tuple(dropped)


def read_period(value: str) -> Period:
    """Return the period of a date or a range "start/end" with either end open (RKMS-ISO8601)."""
    start, slash, end = (part.strip() for part in value.partition("/"))
    if not slash:
        return Period(start, start)
    return Period("" if start == ".." else start, "" if end == ".." else end)


def _read_point(value: Any) -> Point | None:
    if isinstance(value, dict) and value:
        return read_point(value.get("pointLongitude"), value.get("pointLatitude"))
    if isinstance(value, str) and value.strip():
        numbers = value.replace(",", " ").split()
        if len(numbers) == 2:
            return read_point(numbers[1], numbers[0])
        raise NotGeometryError
    return None


def _read_box(value: Any) -> Box | None:
    if isinstance(value, dict) and value:
        return read_box(*(value.get(name) for name in _BOX_MEMBERS))
    if isinstance(value, str) and value.strip():
        numbers = value.replace(",", " ").split()
        if len(numbers) == 4:
            south, west, north, east = numbers
            return read_box(west, south, east, north)
        raise NotGeometryError
    return None


def _read_polygons(value: Any) -> list[list[Point]]:
    """Return the rings: a list of points is one polygon, a list of lists several."""
    items = value_to_list(value)
    rings = items if any(isinstance(item, list) for item in items) else [items]
    polygons: list[list[Point]] = []
    for ring in rings:
        points: list[Point] = []
        for member in value_to_objects(ring):
            for item in value_to_objects(member.get("polygonPoint", member)):
                if "pointLatitude" in item:  # the other member, inPolygonPoint, only tells the inside
                    points.append(read_point(item.get("pointLongitude"), item["pointLatitude"]))  # noqa: PERF401
        if len(points) > 2:
            polygons.append(points)
    return polygons


def _make_wkt(polygons: list[list[Point]], box: Box | None) -> str:
    shapes = [polygon_to_wkt(ring) for ring in polygons]
    if len(shapes) > 1:
        return f"MULTIPOLYGON({', '.join(shape.removeprefix('POLYGON') for shape in shapes)})"
    return shapes[0] if shapes else box_to_wkt(box) if box else ""
