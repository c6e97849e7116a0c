"""Points and polygons as callers send them."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, mapping

from resolvers.errors import CoordinatesInvalid, PolygonInvalid
from resolvers.shapes import check_point, check_polygon

SHINAN = (120.28, 36.04, 120.43, 36.10)
RING = [[120.0, 36.0], [120.1, 36.0], [120.1, 36.1], [120.0, 36.0]]


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_points_in_range_pass(x: float, y: float) -> None:
    assert check_point(x, y) == (x, y)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (36.06, 120.38, "swapped"),
        (37.7, -122.4, "swapped"),
        (181.0, 0.0, "out of range"),
        (200.0, 100.0, "out of range"),
        (math.nan, 0.0, "numbers"),
        (math.inf, 0.0, "numbers"),
        ("120", 36.0, "numbers"),
        (True, 36.0, "numbers"),
        (None, 36.0, "numbers"),
    ],
)
def test_bad_points_are_named(x: Any, y: Any, said: str) -> None:
    with pytest.raises(CoordinatesInvalid, match=said):
        check_point(x, y)


def test_swapped_is_seen_by_the_expected_area() -> None:
    assert check_point(40.0, 50.0) == (40.0, 50.0)
    with pytest.raises(CoordinatesInvalid, match="swapped"):
        check_point(50.5, 10.5, bounds=(10.0, 50.0, 11.0, 51.0))


def test_polygons_may_be_lists_or_geojson() -> None:
    shape = check_polygon(RING)
    assert shape.equals(check_polygon({"type": "Polygon", "coordinates": [RING]}))
    assert shape.equals(check_polygon({"type": "MultiPolygon", "coordinates": [[RING]]}))
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(shape)}
    assert shape.equals(check_polygon(feature))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], "not simple"),
        (RING[:3], "at least 4"),
        ([*RING[:3], [120.05, 36.2]], "not closed"),
        ([[0, 0], [1, 1], [2, 2], [0, 0]], "not simple|no area"),
        ([], "at least 4"),
        ("circle", "expected a list"),
        (None, "expected a list"),
        ({"type": "Point", "coordinates": [0, 0]}, "expected a GeoJSON"),
        ({"type": "Polygon"}, "outer ring"),
        ({"type": "Polygon", "coordinates": []}, "outer ring"),
        ([1, 2, 3, 4], "longitude, latitude"),
        (mapping(Point(0, 0).buffer(1, quad_segs=300)), "at most 1000"),
    ],
)
def test_bad_polygons_are_named(value: Any, said: str) -> None:
    with pytest.raises(PolygonInvalid, match=said):
        check_polygon(value)


def test_swapped_vertices_are_coordinates() -> None:
    with pytest.raises(CoordinatesInvalid, match="swapped"):
        check_polygon([[y, x] for x, y in RING])
