"""Places on the map: boxes, points, GeoJSON (RFC 7946) and WKT (OGC 06-103r4) to a Place's parts.

All coordinates are WGS 84 degrees, longitude first. What is not on the globe is refused rather than
guessed at. Altitudes are dropped; other reference systems are not converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harvesters.formats.loose_json import value_to_number

Box = tuple[float, float, float, float]
Point = tuple[float, float]

_NESTING = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
_WKT = re.compile(
    r"\s*(?:<[^>]*>\s*)?(?:SRID=\d+;\s*)?((?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION|ENVELOPE)"
    r"\s*(?:Z|M|ZM)?\s*\(",
    re.IGNORECASE,
)
_POSITION = re.compile(r"(-?[\d.]+(?:[eE][+-]?\d+)?)\s+(-?[\d.]+(?:[eE][+-]?\d+)?)(?:\s+-?[\d.eE+-]+)*")


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry as a Place holds it: WKT, its bounds, and its position if it is a point."""

    wkt: str
    bbox: Box | None
    point: Point | None


class NotGeometryError(ValueError):
    """The value describes no shape on the globe."""


def read_point(longitude: Any, latitude: Any) -> Point:
    """Return the position from numbers or their digits. Raises NotGeometryError."""
    x, y = value_to_number(longitude), value_to_number(latitude)
    if x is None or y is None or not (-180 <= x <= 180 and -90 <= y <= 90):
        raise NotGeometryError
    return x, y


def read_box(west: Any, south: Any, east: Any, north: Any) -> Box:
    """Return the box; west may exceed east (across the antimeridian). Raises NotGeometryError."""
    (x0, y0), (x1, y1) = read_point(west, south), read_point(east, north)
    if y0 > y1:
        raise NotGeometryError
    return x0, y0, x1, y1


def read_geojson(value: Any) -> Shape:
    """Return the shape of a GeoJSON geometry, Feature or FeatureCollection. Raises NotGeometryError."""
    shapes = list(_shapes_of(value))
    if not shapes:
        raise NotGeometryError
    points = [point for _wkt, shape_points in shapes for point in shape_points]
    wkt = shapes[0][0] if len(shapes) == 1 else f"GEOMETRYCOLLECTION({', '.join(w for w, _p in shapes)})"
    if len(points) == 1:
        return Shape(wkt, None, points[0])
    return Shape(wkt, find_bounds(points), None)


def read_wkt(text: str) -> Shape:
    """Return the shape of a WKT text, which is kept as it is. Raises NotGeometryError."""
    match = _WKT.match(text)
    if match is None:
        raise NotGeometryError
    if match[1].upper() == "ENVELOPE":  # west, east, north, south: the form of Solr and Lucene
        numbers = text[match.end() :].strip().rstrip(")").split(",")
        if len(numbers) != 4:
            raise NotGeometryError
        box = read_box(numbers[0], numbers[3], numbers[1], numbers[2])
        return Shape(box_to_wkt(box), box, None)
    points = [read_point(x, y) for x, y in _POSITION.findall(text[match.end() :])]
    if not points:
        raise NotGeometryError
    if match[1].upper() == "POINT":
        return Shape(text.strip(), None, points[0])
    return Shape(text.strip(), find_bounds(points), None)


def find_bounds(points: Iterable[Point]) -> Box:
    """Return the box around at least one point."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def polygon_to_wkt(points: Iterable[Point]) -> str:
    """Return a polygon of one ring."""
    return f"POLYGON(({_join(points)}))"


def box_to_wkt(box: Box) -> str:
    """Return the box as a polygon."""
    west, south, east, north = box
    return polygon_to_wkt([(west, south), (east, south), (east, north), (west, north), (west, south)])


def _shapes_of(value: Any) -> Iterator[tuple[str, list[Point]]]:
    """Yield (WKT, points) for each simple geometry. Collections within collections are not followed."""
    if not isinstance(value, dict):
        raise NotGeometryError
    members = value.get("features", value.get("geometries"))
    for item in members if isinstance(members, list) else [value]:
        geometry = item.get("geometry", item) if isinstance(item, dict) else None
        if not isinstance(geometry, dict):
            raise NotGeometryError
        name = geometry.get("type")
        if not isinstance(name, str) or name not in _NESTING:
            raise NotGeometryError
        points: list[Point] = []
        coordinates = _coordinates_to_wkt(geometry.get("coordinates"), _NESTING[name], points)
        yield f"{name.upper()}{coordinates if _NESTING[name] else f'({coordinates})'}", points


def _coordinates_to_wkt(value: Any, nesting: int, points: list[Point]) -> str:
    if not isinstance(value, list) or not value:
        raise NotGeometryError
    if nesting:
        return f"({', '.join(_coordinates_to_wkt(item, nesting - 1, points) for item in value)})"
    if len(value) < 2:
        raise NotGeometryError
    points.append(read_point(value[0], value[1]))
    return _join(points[-1:])


def _join(points: Iterable[Point]) -> str:
    return ", ".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
