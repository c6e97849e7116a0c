"""Coordinates of Chinese sources to WGS 84: CGCS2000, GCJ-02 and BD-09.

GCJ-02 was never published; the formula is the one that leaked in 2010 and that every map library
carries (e.g. github.com/googollee/eviltransform, wandergis/coordtransform): a polynomial with sine
terms on the Krasovsky 1940 ellipsoid. BD-09 adds a turn on top of it (Baidu's own web API answers
agree). Both are inverted here by fixed-point iteration to well below 1e-9 degree (0.1 mm); the
usual libraries stop at one step, 1 to 2 m off, or work point by point, so this is numpy of our own.
CGCS2000 and WGS 84 differ by centimetres at most, less than any source here is exact to (GB
22021-2008): taken as equal.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

LonLat = NDArray[np.float64]
"""Longitude and latitude in degrees, float64 [n, 2]."""

DATUMS: Final = ("wgs84", "cgcs2000", "gcj02", "bd09")
_A = 6378245.0
_EE = 0.00669342162296594323
"""Krasovsky 1940: semi-major axis in metres, first eccentricity squared."""
_X_PI = np.pi * 3000.0 / 180.0
_TOLERANCE = 1e-12
_ROUNDS = 60


def to_wgs84(lonlat: LonLat, datum: str) -> LonLat:
    """Points of a datum (`wgs84`, `cgcs2000`, `gcj02` or `bd09`) in WGS 84 degrees.

    Outside the rectangle around China where GCJ-02 applies it shifts nothing. Points that are not
    finite stay so. Raises ValueError for another datum.
    """
    if datum in ("wgs84", "cgcs2000"):
        return lonlat
    if datum == "gcj02":
        return gcj02_to_wgs84(lonlat)
    if datum == "bd09":
        return gcj02_to_wgs84(bd09_to_gcj02(lonlat))
    raise ValueError(f"{datum!r} is not one of {', '.join(DATUMS)}")


def wgs84_to_gcj02(lonlat: LonLat) -> LonLat:
    """WGS 84 to GCJ-02; unchanged outside China."""
    return np.where(_in_china(lonlat)[:, None], lonlat + _shift(lonlat), lonlat)


def gcj02_to_wgs84(lonlat: LonLat) -> LonLat:
    """GCJ-02 to WGS 84, the inverse of `wgs84_to_gcj02` to 1e-9 degree."""
    found = lonlat.copy()
    for _ in range(_ROUNDS):
        step = lonlat - (found + _shift(found))
        found = found + step
        if not np.any(np.abs(step) > _TOLERANCE):
            break
    return np.where(_in_china(found)[:, None], found, lonlat)


def gcj02_to_bd09(lonlat: LonLat) -> LonLat:
    """GCJ-02 to BD-09."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    z = np.hypot(x, y) + 0.00002 * np.sin(y * _X_PI)
    theta = np.arctan2(y, x) + 0.000003 * np.cos(x * _X_PI)
    return np.column_stack([z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006])


def bd09_to_gcj02(lonlat: LonLat) -> LonLat:
    """BD-09 to GCJ-02, the inverse of `gcj02_to_bd09` to 1e-9 degree."""
    found = lonlat - (0.0065, 0.006)
    for _ in range(_ROUNDS):
        step = lonlat - gcj02_to_bd09(found)
        found = found + step
        if not np.any(np.abs(step) > _TOLERANCE):
            break
    return found


def _in_china(lonlat: LonLat) -> NDArray[np.bool_]:
    """The rectangle within which the leaked code shifts at all, in WGS 84."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    inside: NDArray[np.bool_] = (x >= 72.004) & (x <= 137.8347) & (y >= 0.8293) & (y <= 55.8271)
    return inside


def _shift(lonlat: LonLat) -> LonLat:
    """What GCJ-02 adds to WGS 84, in degrees."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lonlat[:, 1])
    magic = 1.0 - _EE * np.sin(phi) ** 2
    north = np.degrees(north / (_A * (1.0 - _EE) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(phi)))
    return np.column_stack([east, north])
