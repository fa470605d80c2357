"""Where and when: dct:spatial and dct:temporal in every form that feeds use.

Places: IRIs, names, dcat:bbox, dcat:centroid, locn:geometry and schema:box as WKT, GeoJSON (both datatypes) or GML
(https://www.opengis.net/spec/GML/3.2), W3C's geo:lat and geo:long. Periods: dcat:startDate and endDate
(DCAT 2 and 3), schema:startDate (DCAT-AP 1), OWL-Time (https://www.w3.org/TR/owl-time/), ISO 8601
intervals and DCMI Period (https://www.dublincore.org/specifications/dublin-core/dcmi-period/) as text.
Names are not looked up and coordinates not converted.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pyoxigraph as ox

from catalogue.records import Period, Place, Text
from harvesters.formats.dcat_graph import Graph
from harvesters.formats.dcat_nodes import Node, Value, is_skolem, read_language_tag
from harvesters.formats.geometry import (
    Box,
    NotGeometryError,
    Point,
    Shape,
    box_to_wkt,
    read_box,
    read_geojson,
    read_point,
    read_wkt,
)
from ontology.namespaces import DCAT, DCT, GEOSPARQL, LOCN, SCHEMA, SCHEMA_HTTPS, TIME, Namespace

GEO = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")

BOXES = (DCAT.bbox, SCHEMA.box, SCHEMA_HTTPS.box)
GEOMETRIES = (LOCN.geometry, GEOSPARQL.asWKT, GEOSPARQL.asGeoJSON, GEOSPARQL.asGML)
STARTS = (DCAT.startDate, SCHEMA.startDate, SCHEMA_HTTPS.startDate)
ENDS = (DCAT.endDate, SCHEMA.endDate, SCHEMA_HTTPS.endDate)
INSTANTS = (
    TIME.inXSDDate, TIME.inXSDDateTimeStamp, TIME.inXSDDateTime, TIME.inXSDgYearMonth, TIME.inXSDgYear,
)  # fmt: skip

_LAT_LON_WKT = re.compile(r"\s*<https?://www\.opengis\.net/def/crs/EPSG/0/4326>\s*", re.IGNORECASE)
_LAT_LON_GML = re.compile(r"""srsName=["'][^"']*EPSG[^"']*4326""", re.IGNORECASE)
_PAIR = re.compile(r"(-?[\d.]+(?:[eE][+-]?\d+)?)\s+(-?[\d.]+(?:[eE][+-]?\d+)?)")
_GML_CORNERS = re.compile(r"<(?:\w+:)?(?:lower|upper)Corner[^>]*>([^<]*)<")
_GML_POSITION = re.compile(r"<(?:\w+:)?pos[ >][^<]*?(-?[\d.]+)\s+(-?[\d.]+)\s*<")
_GML_RING = re.compile(r"<(?:\w+:)?posList[^>]*>([^<]*)<")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\S+)?)?)?")
_DCMI = re.compile(r"\b(start|end)\s*=\s*([^;]+)", re.IGNORECASE)
_YEAR_IRI = re.compile(r"reference\.data\.gov\.uk/id/(?:gregorian-)?year/(\d{4})$")


def read_places(graph: Graph, node: Node) -> tuple[Place, ...]:
    """Return the places of dct:spatial."""
    if DCT.spatial not in node:
        return ()
    places = (_read_place(graph, value) for value in graph.objects(node, DCT.spatial))
    return tuple(dict.fromkeys(place for place in places if place is not None))


def _read_place(graph: Graph, value: Value) -> Place | None:
    if type(value) is ox.Literal:
        words = value.value.strip()
        if words.startswith(("http://", "https://")):
            return Place(words)
        shape = _read_shape(words)
        if shape is not None:
            return _add_shape(Place(), shape)
        return Place(label=(Text(words, read_language_tag(value)),)) if words else None
    iri: str = value.value
    if type(value) is not ox.NamedNode or is_skolem(iri):
        iri = ""
    node = graph.nodes.get(value.value)
    if not node:
        return Place(iri) if iri else None
    place = Place(iri, graph.names(node) or graph.texts(node, DCT.identifier))
    for predicate in (*BOXES, *GEOMETRIES, DCAT.centroid):
        for text in _read_geometry_texts(graph, node, predicate):
            shape = _read_shape(text)
            if shape is None:
                graph.note("spatial", text[:200], "", "not a geometry in WGS 84")
            elif predicate == DCAT.centroid:
                place = replace(place, centroid=shape.point or place.centroid)
            else:
                place = _add_shape(place, shape)
    if place.centroid is None:
        place = replace(place, centroid=_read_latitude_longitude(graph, node))
    return place if place != _NOWHERE else None


def _read_geometry_texts(graph: Graph, node: Node, predicate: str) -> list[str]:
    found = []
    for value in node.get(predicate, ()):
        if type(value) is ox.Literal:
            found.append(value.value.strip())
            continue
        about = graph.node(value)
        text = graph.word(about, GEOSPARQL.asWKT, GEOSPARQL.asGeoJSON, GEOSPARQL.asGML, SCHEMA.box)
        if text:
            found.append(text)
    return found


def _read_latitude_longitude(graph: Graph, node: Node) -> Point | None:
    for about in (node, *(graph.node(value) for value in node.get(SCHEMA.geo, ()))):
        latitude = graph.word(about, GEO.lat, SCHEMA.latitude, SCHEMA_HTTPS.latitude)
        longitude = graph.word(about, GEO.long, SCHEMA.longitude, SCHEMA_HTTPS.longitude)
        if latitude and longitude:
            try:
                return read_point(longitude, latitude)
            except NotGeometryError:
                graph.note("spatial", f"{latitude} {longitude}", "", "not a position in WGS 84")
    return None


def _add_shape(place: Place, shape: Shape) -> Place:
    """Return the place with a rectangle as its box, a point as its centroid, anything else as geometry.

    A box that says the same as a geometry (feeds write both) is not repeated there.
    """
    if shape.point is not None:
        return place if place.centroid else replace(place, centroid=shape.point)
    box = _find_rectangle(shape)
    if box is not None:
        return replace(place, bbox=place.bbox or box)
    return place if place.geometry else replace(place, geometry=shape.wkt)


def _find_rectangle(shape: Shape) -> Box | None:
    """Return the box where the shape is no more than one; two that meet at 180 degrees are one across it."""
    if shape.bbox is None:
        return None
    kind = shape.wkt.lstrip().split("(", 1)[0].strip().upper()
    points = {(float(x), float(y)) for x, y in _PAIR.findall(shape.wkt)}
    if kind == "POLYGON" and shape.wkt.count("(") == 2:
        west, south, east, north = shape.bbox
        corners = {(west, south), (east, south), (east, north), (west, north)}
        return shape.bbox if points == corners else None
    if kind == "MULTIPOLYGON" and shape.wkt.count("((") == 2:
        xs = sorted({x for x, _y in points})
        ys = sorted({y for _x, y in points})
        if len(xs) == 4 and len(ys) == 2 and len(points) == 8 and (xs[0], xs[3]) == (-180, 180):
            return xs[2], ys[0], xs[1], ys[1]
    return None


def _read_shape(text: str) -> Shape | None:
    """Return the shape of WKT, GeoJSON, GML or schema.org's `south west north east`; None if it is none."""
    try:
        if text.startswith("{"):
            return read_geojson(json.loads(text))
        if (text.startswith("<") and not _LAT_LON_WKT.match(text) and "Corner" in text) or "<gml:" in text:
            return _read_gml(text)
        turned = _LAT_LON_WKT.match(text)
        if turned:
            return _read_turned_wkt(text[turned.end() :])
        numbers = text.replace(",", " ").split()
        if len(numbers) == 4 and not text[:1].isalpha():
            south, west, north, east = numbers
            return _box_to_shape(read_box(west, south, east, north))
        return _drop_crs(read_wkt(text))
    except (NotGeometryError, ValueError, RecursionError):
        return None


def _drop_crs(shape: Shape) -> Shape:
    """Return the shape without the reference system's IRI (CRS84 is what a Place's geometry means)."""
    return replace(shape, wkt=re.sub(r"^\s*<[^>]*>\s*", "", shape.wkt))


def _read_turned_wkt(text: str) -> Shape:
    """Return the shape of WKT whose reference system has latitude first (EPSG:4326, GeoSPARQL 1.1, 8.5.1).

    Many write that IRI and longitude first all the same: where only that is on the globe, it is so read.
    """
    try:
        return read_wkt(_PAIR.sub(r"\2 \1", text))
    except NotGeometryError:
        return read_wkt(text)


def _read_gml(text: str) -> Shape:
    """Return the shape of a GML envelope, point or polygon ring."""
    turned = _LAT_LON_GML.search(text) is not None
    corners = [_read_pair(pair, turned=turned) for pair in _GML_CORNERS.findall(text)]
    if len(corners) == 2:
        (x0, y0), (x1, y1) = corners
        return _box_to_shape(read_box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    if ring := _GML_RING.search(text):
        numbers = ring[1].split()
        pairs = [
            f"{y} {x}" if turned else f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        return read_wkt(f"POLYGON(({', '.join(pairs)}))")
    if position := _GML_POSITION.search(text):
        x, y = _read_pair(f"{position[1]} {position[2]}", turned=turned)
        return Shape(f"POINT({x} {y})", None, (x, y))
    raise NotGeometryError


def _read_pair(text: str, *, turned: bool) -> Point:
    numbers = text.split()
    if len(numbers) < 2:
        raise NotGeometryError
    return read_point(numbers[1], numbers[0]) if turned else read_point(numbers[0], numbers[1])


def _box_to_shape(box: Box) -> Shape:
    return Shape(box_to_wkt(box), box, None)


def read_periods(graph: Graph, node: Node) -> tuple[Period, ...]:
    """Return the periods of dct:temporal."""
    if DCT.temporal not in node:
        return ()
    found: list[Period] = []
    for value in graph.objects(node, DCT.temporal):
        if type(value) is ox.Literal:
            period = _read_period_text(value.value.strip())
        else:
            about = graph.node(value)
            period = Period(
                _read_end(graph, about, STARTS, TIME.hasBeginning),
                _read_end(graph, about, ENDS, TIME.hasEnd),
            )
            year = _YEAR_IRI.search(value.value)
            if period == _NEVER:
                words = next((text.value for text in graph.names(about)), "")
                period = Period(year[1], year[1]) if year else _read_period_text(words)
        if period != _NEVER:
            found.append(period)
        elif raw := graph.address(value):
            graph.note("temporal", raw, "", "not a period with a start or an end")
    return tuple(dict.fromkeys(found))


def _read_end(graph: Graph, node: Node, predicates: tuple[str, ...], instant: str) -> str:
    for predicate in predicates:
        if predicate in node and (date := graph.date(node, predicate)):
            return date
    for value in node.get(instant, ()):
        if type(value) is ox.Literal:
            return value.value.strip()
        about = graph.node(value)
        return graph.word(about, *INSTANTS)
    return ""


def _read_period_text(text: str) -> Period:
    """Return the period in `2019`, `2019-01/2019-06`, `2019/..` or `start=2019; end=2020;`."""
    parts = {key.lower(): date.strip() for key, date in _DCMI.findall(text)}
    if parts:
        return Period(parts.get("start", ""), parts.get("end", ""))
    start, slash, end = (part.strip() for part in text.partition("/"))
    if not slash:
        end = start
    start, end = ("" if date == ".." else date for date in (start, end))
    if all(not date or _DATE.fullmatch(date) for date in (start, end)):
        return Period(start, end)
    return _NEVER


_NOWHERE = Place()
_NEVER = Period()
