"""Points and the grids they belong to."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import box, mapping

from hub.district.profile import load_profile
from hub.generate.divisions import make_divisions
from resolvers.placement import NEAREST_GRID, Placed, Placement

GEOD = Geod(ellps="WGS84")
CELL = 1.0 / 128
"""Side of a square in degrees: exact in binary, so that border points are."""


def squares(count: int = 4) -> Placement:
    """A count by count board at 120° E 36° N; codes by row from the south-west."""
    return Placement(
        (
            f"{row}{column}",
            box(
                120 + column * CELL,
                36 + row * CELL,
                120 + (column + 1) * CELL,
                36 + (row + 1) * CELL,
            ),
        )
        for row in range(count)
        for column in range(count)
    )


BOARD = squares()
SHINAN = make_divisions(load_profile("shinan"), 200, 1)
DISTRICT = Placement((grid.code, grid.boundary) for grid in SHINAN.grids if grid.boundary)


def test_a_point_inside_belongs_to_its_grid() -> None:
    assert BOARD.place(120 + 1.5 * CELL, 36 + 2.5 * CELL) == Placed("21")


@given(st.integers(0, 4 * 4), st.integers(0, 4 * 4))
def test_a_point_on_a_border_belongs_to_the_lowest_code(x: int, y: int) -> None:
    placed = BOARD.place(120 + x * CELL / 4, 36 + y * CELL / 4)
    row, column = max(0, -(-y // 4) - 1), max(0, -(-x // 4) - 1)
    assert placed == Placed(f"{row}{column}")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000))
def test_every_vertex_of_the_district_belongs_to_one_grid_that_touches_it(pick: int) -> None:
    grid = SHINAN.grids[pick % len(SHINAN.grids)]
    assert grid.boundary is not None
    corners = shapely.get_coordinates(grid.boundary)
    x, y = corners[pick % len(corners)]
    placed = DISTRICT.place(float(x), float(y))
    assert placed is not None
    assert placed.flags == ()
    point = shapely.Point(x, y)
    touching = [g.code for g in SHINAN.grids if g.boundary and g.boundary.intersects(point)]
    assert placed.grid_code == min(touching)


@settings(max_examples=100, deadline=None)
@given(st.floats(-89, 89), st.floats(0, 360), st.floats(1, 700))
def test_metres_decide_not_degrees(latitude: float, bearing: float, metres: float) -> None:
    """A small grid anywhere: 300 m away by the geodesic is the limit in every direction."""
    grid = Placement([("a", shapely.Point(10, latitude).buffer(1e-9))])
    x, y, _ = GEOD.fwd(10, latitude, bearing, metres)
    if abs(metres - 300.0) < 0.2:
        return
    placed = grid.place(x, y)
    assert (placed is not None) == (metres < 300.0)
    if placed is not None:
        assert placed.flags == (NEAREST_GRID,)


def test_outside_goes_to_the_nearest_and_far_to_none() -> None:
    near = BOARD.place(120 - 0.002, 36 + 2.5 * CELL)
    assert near == Placed("20", (NEAREST_GRID,))
    assert BOARD.place(119.99, 36) is None
    assert BOARD.place(120 + CELL / 2, 36 - 0.0026) == Placed("00", (NEAREST_GRID,))
    assert BOARD.place(120 + CELL / 2, 36 - 0.0028) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(120.2, 120.5), st.floats(36.0, 36.2)), max_size=30))
def test_many_are_placed_as_one_is(points: list[tuple[float, float]]) -> None:
    many = DISTRICT.place_many(np.array(points, dtype=np.float64).reshape(-1, 2))
    assert [many[i] for i in range(len(many))] == [DISTRICT.place(x, y) for x, y in points]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_belongs_to_none(bad: float) -> None:
    many = BOARD.place_many(np.array([[120.001, bad], [120.001, 36.001]]))
    assert many[0] is None
    assert many[1] == Placed("00")


def test_shapes_may_be_geojson_or_text() -> None:
    square = mapping(box(0, 0, 1, 1))
    for given_shape in (square, json.dumps(square)):
        assert Placement([("a", given_shape)]).place(0.5, 0.5) == Placed("a")


def test_without_grids_there_is_no_place() -> None:
    empty = Placement([])
    assert empty.place(120, 36) is None
    assert empty.bounds is None


def test_a_grid_that_cannot_be_read_is_left_out() -> None:
    junk = {"type": "Polygon", "coordinates": [[[120.38, 36.06, "z", {"a": 1}]] * 4]}
    good = shapely.box(0, 0, 1, 1)
    placement = Placement([("b", junk), ("c", "{"), ("a", good), ("d", {})])
    assert placement.unreadable == ("b", "c", "d")
    assert placement.place(0.5, 0.5) == Placed("a")
