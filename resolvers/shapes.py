"""Points and polygons that callers send: checked before a statement or an index sees them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon

from resolvers.errors import CoordinatesInvalid, PolygonInvalid

MAX_VERTICES = 1000
"""Bound on the vertices of a polygon in a filter: each is a term of the ray casting."""

MAX_BOUNDARY_VERTICES = 100_000
"""Bound on the vertices of a record's shape, and on all parts of it taken together."""
MAX_DEPTH = 8
"""Nesting beyond which nothing is a shape: a Feature's MultiPolygon has 6 levels."""

Bounds = tuple[float, float, float, float]


def check_point(longitude: Any, latitude: Any, bounds: Bounds | None = None) -> tuple[float, float]:
    """Longitude and latitude as floats, in WGS 84 degrees.

    `bounds` (west, south, east, north) may name the area the point is expected in: a point outside
    it whose swapped form is inside counts as swapped. Raises CoordinatesInvalid for values that are
    not finite numbers, out of range, or apparently swapped.
    """
    if not _is_number(longitude) or not _is_number(latitude):
        raise CoordinatesInvalid(
            f"longitude and latitude must be numbers in degrees, not {longitude!r}, {latitude!r}"
        )
    x, y = float(longitude), float(latitude)
    swapped = f"longitude {x} and latitude {y} look swapped: longitude comes first"
    if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
        if -180.0 <= y <= 180.0 and -90.0 <= x <= 90.0:
            raise CoordinatesInvalid(swapped)
        raise CoordinatesInvalid(
            f"longitude {x}, latitude {y} is out of range: -180 to 180 and -90 to 90 degrees"
        )
    if bounds is not None and not _inside(x, y, bounds) and _inside(y, x, bounds):
        raise CoordinatesInvalid(swapped)
    return x, y


def check_polygon(value: Any, bounds: Bounds | None = None) -> Polygon | MultiPolygon:
    """A valid polygon from GeoJSON (Polygon, MultiPolygon) or a list of [longitude, latitude].

    Raises PolygonInvalid for what is not a polygon, has over 1,000 vertices, an unclosed ring or
    one with fewer than 4 points, crosses itself or has no area; CoordinatesInvalid for a vertex
    that `check_point` refuses.
    """
    polygons = [
        Polygon(rings[0], rings[1:]) for rings in _checked_rings(value, bounds, MAX_VERTICES)
    ]
    return _simple(polygons[0] if len(polygons) == 1 else MultiPolygon(polygons))


def plain_shape(value: Any) -> dict[str, Any]:
    """A GeoJSON Polygon or MultiPolygon as the log keeps it: its type, and rings of two floats.

    Raises as `check_polygon` does, but for more than 100,000 vertices.
    """
    _check_depth(value)
    if not isinstance(value, Mapping) or value.get("type") not in ("Polygon", "MultiPolygon"):
        raise PolygonInvalid("expected a GeoJSON Polygon or MultiPolygon")
    parts = _checked_rings(value, None, MAX_BOUNDARY_VERTICES)
    _simple(MultiPolygon([Polygon(rings[0], rings[1:]) for rings in parts]))
    plain = [[[[x, y] for x, y in ring] for ring in rings] for rings in parts]
    kind = value["type"]
    return {"type": kind, "coordinates": plain[0] if kind == "Polygon" else plain}


def _simple(shape: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    if not shape.is_valid:
        raise PolygonInvalid(f"the polygon is not simple: {shapely.is_valid_reason(shape)}")
    if shape.area == 0.0:
        raise PolygonInvalid("the polygon has no area")
    return shape


def _checked_rings(
    value: Any, bounds: Bounds | None, limit: int
) -> list[list[list[tuple[float, float]]]]:
    """Polygons as lists of rings, every position of which is two floats."""
    _check_depth(value)
    parts = _rings(value)
    total = sum(len(ring) for rings in parts for ring in rings)
    if total > limit:
        raise PolygonInvalid(
            f"the polygon has {total} vertices; simplify it to at most {limit}", limit=limit
        )
    return [[_check_ring(ring, bounds) for ring in rings] for rings in parts]


def _check_depth(value: Any) -> None:
    """Refuse what is nested so deeply that reading or showing it could exhaust the stack."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                below.extend(each.values())
            elif _is_list(each):
                below.extend(each)
        level = below
    if any(isinstance(each, Mapping) or _is_list(each) for each in level):
        raise PolygonInvalid(f"the polygon is nested more than {MAX_DEPTH} levels deep")


def _rings(value: Any) -> list[list[Sequence[Any]]]:
    """Polygons as lists of rings, unchecked below that."""
    parts: Any
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        value = value.get("geometry")
    if isinstance(value, Mapping):
        kind, coordinates = value.get("type"), value.get("coordinates")
        parts = [coordinates] if kind == "Polygon" else coordinates
        if kind not in ("Polygon", "MultiPolygon") or not _is_list(parts):
            raise PolygonInvalid("expected a GeoJSON Polygon or MultiPolygon with coordinates")
    elif _is_list(value):
        parts = [[value]]
    else:
        raise PolygonInvalid("expected a list of [longitude, latitude], or a GeoJSON Polygon")
    if not parts or not all(_is_list(p) and p and all(_is_list(r) for r in p) for p in parts):
        raise PolygonInvalid("a polygon needs an outer ring of [longitude, latitude] points")
    return [list(part) for part in parts]


def _check_ring(ring: Sequence[Any], bounds: Bounds | None) -> list[tuple[float, float]]:
    if len(ring) < 4:
        raise PolygonInvalid(
            f"a ring needs at least 4 points, the last equal to the first; this one has {len(ring)}"
        )
    points = list(_points(ring, bounds))
    if points[0] != points[-1]:
        raise PolygonInvalid("the ring is not closed: its last point must equal its first")
    return points


def _points(ring: Sequence[Any], bounds: Bounds | None) -> Iterator[tuple[float, float]]:
    for point in ring:
        if not _is_list(point) or len(point) not in (2, 3):
            raise PolygonInvalid(
                "every point of a polygon is [longitude, latitude], or with a height third"
            )
        if len(point) == 3 and not _is_number(point[2]):
            raise PolygonInvalid("the height of a polygon's point must be a finite number")
        x, y = check_point(point[0], point[1], bounds)
        yield x + 0.0, y + 0.0  # no negative zero


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _inside(x: float, y: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return west <= x <= east and south <= y <= north
