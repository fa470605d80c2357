"""GeoJSON and WKT to a place's parts."""

import pytest

from harvesters.formats.geometry import NotGeometryError, Shape, read_box, read_geojson, read_wkt


@pytest.mark.parametrize(
    ("geojson", "wkt", "bbox"),
    [
        ({"type": "LineString", "coordinates": [[1, 2, 9], [3, 4]]}, "LINESTRING(1 2, 3 4)", (1, 2, 3, 4)),
        (
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1.5], [0, 0]]]]},
            "MULTIPOLYGON(((0 0, 1 0, 1 1.5, 0 0)))",
            (0, 0, 1, 1.5),
        ),
        (
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [1, 2]},
                    {"type": "Point", "coordinates": [3, 4]},
                ],
            },
            "GEOMETRYCOLLECTION(POINT(1 2), POINT(3 4))",
            (1, 2, 3, 4),
        ),
        ({"features": [{"geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}}]},
         "MULTIPOINT(1 2, 3 4)", (1, 2, 3, 4)),
    ],
)  # fmt: skip
def test_geojson_becomes_wkt_with_bounds(geojson, wkt, bbox):
    assert read_geojson(geojson) == Shape(wkt, bbox, None)


@pytest.mark.parametrize(
    "geojson",
    [
        None,
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [1, 2]},
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [True, None]},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": ["Point"], "coordinates": [0, 0]},
        {"features": []},
    ],
)
def test_geojson_off_the_globe_is_refused(geojson):
    with pytest.raises(NotGeometryError):
        read_geojson(geojson)


@pytest.mark.parametrize(
    ("text", "bbox"),
    [
        ("POLYGON Z ((0 0 5, 2 0 5, 2 1 5, 0 0 5))", (0, 0, 2, 1)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> LINESTRING (0 0, 1e1 2)", (0, 0, 10, 2)),
        ("SRID=4326;POLYGON((0 0, 2 0, 2 1, 0 0))", (0, 0, 2, 1)),
    ],
)
def test_wkt_has_bounds(text, bbox):
    assert read_wkt(text) == Shape(text, bbox, None)


@pytest.mark.parametrize("text", ["", "Sweden", "POLYGON EMPTY", "POINT(500 2)", "ENVELOPE(1,2)", "POINT()"])
def test_wkt_that_is_none_is_refused(text):
    with pytest.raises(NotGeometryError):
        read_wkt(text)


def test_box_may_cross_the_antimeridian_but_not_be_upside_down():
    assert read_box(170, -10, -170, 10) == (170, -10, -170, 10)
    with pytest.raises(NotGeometryError):
        read_box(0, 10, 1, -10)
