"""Points and polygons as callers send them."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, mapping

from resolvers.errors import CoordinatesInvalid, PolygonInvalid
from resolvers.shapes import check_point, check_polygon, plain_shape

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


def deep(levels: int) -> Any:
    value: Any = 1.0
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "ring",
    [
        [[120.0, 36.0, "z", {"a": 1}], *RING[1:]],
        [[120.0, 36.0, "z"], *RING[1:]],
        [[120.0, 36.0, True], *RING[1:]],
        [[120.0, 36.0, math.nan], *RING[1:]],
        [[120.0, 36.0, 10**400], *RING[1:]],
        [[120.0], *RING[1:]],
        deep(100_000),
        [[deep(100_000), 36.0], *RING[1:]],
    ],
    ids=range(8),
)
def test_junk_in_positions_is_refused(ring: Any) -> None:
    shape = {"type": "Polygon", "coordinates": [ring]}
    for check in (check_polygon, plain_shape):
        with pytest.raises(PolygonInvalid):
            check(shape)


def test_features_do_not_nest() -> None:
    value: Any = {"type": "Polygon", "coordinates": [RING]}
    for _ in range(100_000):
        value = {"type": "Feature", "geometry": value}
    with pytest.raises(PolygonInvalid):
        check_polygon(value)


def test_a_shape_is_kept_plain() -> None:
    given_shape = {"type": "Polygon", "coordinates": [[(0, 0, 5), (1, 0), (1, 1), (0, 0)]], "x": 1}
    ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    assert plain_shape(given_shape) == {"type": "Polygon", "coordinates": [ring]}
    many = {"type": "MultiPolygon", "coordinates": [[RING]]}
    assert plain_shape(many) == many
    large = mapping(Point(0, 0).buffer(1, quad_segs=300))
    assert len(plain_shape(large)["coordinates"][0]) == 1201
    with pytest.raises(PolygonInvalid, match="at most 100000"):
        plain_shape({"type": "Polygon", "coordinates": [RING * 30_000]})
