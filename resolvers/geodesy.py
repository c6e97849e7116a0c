"""Metres and degrees on the WGS 84 ellipsoid near one point, and along great circles."""

from __future__ import annotations

import math
from collections.abc import Mapping

EARTH_METRES = 6_378_140.0
"""Radius of the sphere on which the graph measures distances between WGS 84 points; rows do the
same."""

_A = 6378137.0
_E2 = 6.69437999014e-3
"""Semi-major axis in metres and first eccentricity squared (NGA.STND.0036, WGS 84)."""


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Metres per degree of longitude and of latitude at a latitude in degrees.

    From the radii of curvature in the prime vertical and in the meridian.
    """
    phi = math.radians(latitude)
    w = 1.0 - _E2 * math.sin(phi) ** 2
    east = _A / math.sqrt(w) * math.cos(phi)
    north = _A * (1.0 - _E2) / w**1.5
    return math.radians(east), math.radians(north)


def great_circle(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Metres between two positions along a great circle (haversine)."""
    north, south = math.radians(a["latitude"]), math.radians(b["latitude"])
    turn = math.radians(a["longitude"] - b["longitude"])
    h = math.sin((north - south) / 2) ** 2
    h += math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
