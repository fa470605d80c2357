"""CKAN's places and periods: ckanext-spatial's `spatial`, ckanext-dcat's coverage fields and extras.

A geometry is GeoJSON (object or string), WKT, or four numbers "west,south,east,north"; a place may be
just a name or an IRI in the same field. A geometry that is not on the globe is left out, which
`Normalised` tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from catalogue.records import Normalised, Period, Place
from harvesters.formats.ckan_fields import Fields, value_to_texts
from harvesters.formats.geometry import NotGeometryError, Shape, box_to_wkt, read_box, read_geojson, read_wkt
from harvesters.formats.identifier_schemes import is_iri
from harvesters.formats.loose_json import show_json, value_to_text

_BOX_EXTRAS = ("bbox_west_long", "bbox_south_lat", "bbox_east_long", "bbox_north_lat")
_BOX_MEMBERS = ("west", "south", "east", "north")


def read_places(fields: Fields) -> tuple[tuple[Place, ...], tuple[Normalised, ...]]:
    """Return the places, and what geometry had to be left out."""
    places: dict[Place, None] = {}
    dropped: list[Normalised] = []

    def try_geometry(value: Any) -> Shape | None:
        if not value:
            return None
        try:
            return _read_geometry(value)
        except NotGeometryError:
            rule = "geometry is not on the globe (WGS 84 degrees)"
            dropped.append(Normalised(f"spatial[{len(places)}]", show_json(value), "", rule))
            return None

    for item in _each_place(fields):
        geometry, box = try_geometry(item.get("geom")), try_geometry(item.get("bbox"))
        centroid = try_geometry(item.get("centroid"))
        shape = geometry or box
        uri = value_to_text(item.get("uri"))
        place = Place(
            iri=uri if is_iri(uri) else "",
            label=value_to_texts(item.get("text")),
            bbox=(box and box.bbox) or (geometry.bbox if geometry else None),
            geometry=shape.wkt if shape and shape.bbox else "",
            centroid=(centroid and centroid.point) or (geometry.point if geometry else None),
        )
        if place != Place():
            places[place] = None
    return tuple(places), tuple(dropped)


def read_periods(fields: Fields) -> tuple[Period, ...]:
    """Return the periods that the data covers."""
    found = [
        Period(item.text("start", "start_date"), item.text("end", "end_date"))
        for item in fields.objects("temporal_coverage", "temporal")
    ]
    found.append(
        Period(
            fields.text("temporal_start", "temporal_coverage_from"),
            fields.text("temporal_end", "temporal_coverage_to"),
        )
    )
    return tuple(dict.fromkeys(period for period in found if period != Period()))


def _each_place(fields: Fields) -> Iterator[dict[str, Any]]:
    """Yield uri, text, geom, bbox and centroid of each place stated."""
    for item in fields.objects("spatial_coverage"):
        yield {name: item.get(name) for name in ("uri", "text", "geom", "bbox", "centroid")}
    for item in fields.objects("bbox"):
        yield {"bbox": [item.get(name) for name in _BOX_MEMBERS]}
    place = {
        "uri": fields.get("spatial_uri"),
        "text": fields.get("spatial_text"),
        "bbox": fields.get("spatial_bbox"),
        "centroid": fields.get("spatial_centroid"),
    }
    spatial = fields.get("spatial")
    if isinstance(spatial, str) and not _looks_like_geometry(spatial):
        place["uri" if is_iri(spatial) else "text"] = spatial
    elif isinstance(spatial, list) and spatial and not isinstance(spatial[0], int | float):
        for name in spatial:
            yield {"uri" if is_iri(value_to_text(name)) else "text": name}
    else:
        place["geom"] = spatial
    if not place.get("geom") and fields.get(_BOX_EXTRAS[0]):
        place["bbox"] = place["bbox"] or [fields.text(name) for name in _BOX_EXTRAS]
    yield place


def _looks_like_geometry(text: str) -> bool:
    """Whether the text was meant as a geometry, right or wrong, and not as the name of a place."""
    start = text.lstrip()[:1]
    return start == "{" or _split_box(text) is not None or ("(" in text and _is_wkt(text))


def _is_wkt(text: str) -> bool:
    try:
        read_wkt(text)
    except NotGeometryError:
        return False
    return True


def _split_box(text: str) -> list[str] | None:
    parts = text.replace(",", " ").split()
    is_box = len(parts) == 4 and all(part.lstrip("+-").replace(".", "", 1).isdigit() for part in parts)
    return parts if is_box else None


def _read_geometry(value: Any) -> Shape:
    if isinstance(value, str):
        numbers = _split_box(value)
        if numbers is None and value.lstrip()[:1] == "{":
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise NotGeometryError from error
        elif numbers is None:
            return read_wkt(value)
        else:
            value = numbers
    if isinstance(value, list):
        if len(value) != 4:
            raise NotGeometryError
        box = read_box(*value)
        return Shape(box_to_wkt(box), box, None)
    return read_geojson(value)
