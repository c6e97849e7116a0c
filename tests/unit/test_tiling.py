"""Made-up divisions tile the district's boundary without gap or overlap."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, shape

from hub.district.profile import load_profile
from hub.generate.divisions import Divisions, Place, make_divisions
from hub.generate.streams import shares, stream
from hub.generate.tiling import divide, row_order, spread

EXACT = 1e-12
"""Square degrees: about a square centimetre."""

SEEDS = (1, 2, 77)


@pytest.fixture(scope="module", params=SEEDS)
def divisions(request: pytest.FixtureRequest) -> Divisions:
    return make_divisions(load_profile("shinan"), 400, request.param)


def shapes(places: list[Place]) -> list[Polygon]:
    return [place.boundary for place in places if place.boundary is not None]


@pytest.mark.parametrize("level", ["subdistricts", "communities", "grids"])
def test_a_level_tiles_the_district(divisions: Divisions, level: str) -> None:
    cells = shapes(getattr(divisions, level))
    outline = shape(load_profile("shinan").boundary_feature()["geometry"])
    assert all(cell.is_valid and isinstance(cell, Polygon) for cell in cells)
    assert shapely.union_all(cells).symmetric_difference(outline).area < EXACT
    assert shapely.coverage_is_valid(np.array(cells, dtype=object))
    tree = shapely.STRtree(cells)
    left, right = tree.query(cells, predicate="intersects")
    pairs = left < right
    some = np.array(cells, dtype=object)
    overlaps = shapely.area(shapely.intersection(some[left[pairs]], some[right[pairs]]))
    assert overlaps.max() < EXACT


@pytest.mark.parametrize(
    ("outer", "inner"), [("subdistricts", "communities"), ("communities", "grids")]
)
def test_each_division_is_made_of_those_it_contains(
    divisions: Divisions, outer: str, inner: str
) -> None:
    parts: dict[str, list[Polygon]] = {}
    for place in getattr(divisions, inner):
        parts.setdefault(place.parent, []).append(place.boundary)
        assert place.code.startswith(place.parent)
    for place in getattr(divisions, outer):
        whole = shapely.union_all(parts[place.code])
        assert whole.symmetric_difference(place.boundary).area < EXACT


def test_real_codes_and_names_are_kept(divisions: Divisions) -> None:
    rows = list(load_profile("shinan").division_rows())
    made = {p.code: p.name for p in (*divisions.subdistricts, *divisions.communities)}
    assert made == {r["code"]: r["name"] for r in rows if r["level"] != "district"}
    assert (len(divisions.subdistricts), len(divisions.communities)) == (11, 50)


def test_grids_are_numbered_from_001_in_every_community(divisions: Divisions) -> None:
    numbers: dict[str, list[int]] = {}
    for grid in divisions.grids:
        assert len(grid.code) == 15
        numbers.setdefault(grid.parent, []).append(int(grid.code[12:]))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len(divisions.grids) == 400


def test_subdistricts_do_not_depend_on_the_count_of_grids() -> None:
    profile = load_profile("shinan")
    few, many = (make_divisions(profile, n, 5) for n in (100, 300))
    assert [p.name for p in few.communities] == [p.name for p in many.communities]
    for a, b in zip(shapes(few.communities), shapes(many.communities), strict=True):
        assert a.equals(b)


def test_row_order_reads_like_a_page() -> None:
    centres = np.array([[1, 0], [0, 0], [2, 1], [0, 1], [1, 1], [2, 0], [0, 2], [2, 2], [1, 2.0]])
    assert row_order(centres) == [6, 8, 7, 3, 4, 2, 1, 0, 5]


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Star-shaped polygons with inlets, so that cells are cut into pieces."""
    count = draw(st.integers(5, 40))
    radii = draw(st.lists(st.floats(0.2, 1.0), min_size=count, max_size=count))
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    ring = [
        (120 + r * np.cos(a) / 50, 36 + r * np.sin(a) / 50)
        for r, a in zip(radii, angles, strict=True)
    ]
    return Polygon(ring)


@settings(max_examples=60, deadline=None)
@given(stars(), st.integers(1, 30), st.integers(0, 1000))
def test_any_polygon_is_divided_exactly(outline: Polygon, count: int, seed: int) -> None:
    cells = divide([outline], [spread(outline, count, stream(seed, "x"))])[0]
    assert len(cells) == count
    assert all(isinstance(cell, Polygon) and cell.is_valid for cell in cells)
    assert abs(sum(cell.area for cell in cells) - outline.area) < EXACT
    assert shapely.union_all(cells).symmetric_difference(outline).area < EXACT


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=50), st.integers(0, 5000))
def test_shares_add_up(weights: list[float], total: int) -> None:
    parts = shares(weights, total)
    assert sum(parts) == total
    assert min(parts) >= 0
    ideal = [total * w / sum(weights) for w in weights]
    assert all(abs(a - b) < 1.0 + 1e-9 for a, b in zip(parts, ideal, strict=True))
