"""Metres and degrees on the WGS 84 ellipsoid, near one point."""

from __future__ import annotations

import math

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
