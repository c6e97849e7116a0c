"""Shapes in filters, checked and made ready as statement parameters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from shapely.geometry import Polygon

from resolvers.errors import BadInput, PolygonInvalid
from resolvers.params import Binding
from resolvers.shapes import check_point, check_polygon

MAX_METRES = 50_000.0


def circle(value: Any, _: Binding) -> dict[str, float]:
    """A circle: `{longitude, latitude, metres}`. Raises CoordinatesInvalid or BadInput."""
    check_point(value["longitude"], value["latitude"])
    metres = float(value["metres"])
    if not 0 < metres <= MAX_METRES:
        raise BadInput(f"near: metres must be over 0 and at most {MAX_METRES:,.0f}, not {metres}")
    return {
        "longitude": value["longitude"],
        "latitude": value["latitude"],
        "metres": metres,
    }


def polygon(value: Any, _: Binding) -> dict[str, Any]:
    """A polygon as its box and its edges `[x1, y1, x2, y2]`, in degrees.

    The ring may be left open. Raises PolygonInvalid or CoordinatesInvalid.
    """
    corners = [[p["longitude"], p["latitude"]] for p in value]
    if corners and corners[0] != corners[-1]:
        corners.append(corners[0])
    shape = check_polygon(corners)
    if not isinstance(shape, Polygon):
        raise PolygonInvalid("the polygon must be one ring without holes")
    ring = [(float(x), float(y)) for x, y in shape.exterior.coords]
    west, south, east, north = shape.bounds
    return {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "edges": [[*a, *b] for a, b in pairwise(ring)],
    }
