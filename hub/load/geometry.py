"""Geometries of GeoJSON features: checked, repaired where they can be, in WGS 84."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from hub.district.repair import FLAG, repair
from hub.load.datum import to_wgs84
from hub.load.values import Fault


class Boundary:
    """A boundary as the log keeps it (`geojson`), a point inside, and whether it was repaired."""

    def __init__(self, geojson: dict[str, Any], inside: list[float], flags: list[str]) -> None:
        self.geojson = geojson
        self.inside = inside
        self.flags = flags


def read_boundary(geometry: Any, datum: str) -> Boundary | Fault | None:
    """The Polygon or MultiPolygon of a feature; a Fault says why it is none, None for no geometry.

    One that crosses itself is repaired and flagged, as the district's own boundary is.
    """
    if geometry is None:
        return None
    try:
        read = shape(geometry)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.GEOSException):
        return Fault("the geometry is not GeoJSON")
    if not isinstance(read, Polygon | MultiPolygon) or read.is_empty:
        return Fault(f"expected a Polygon or MultiPolygon, not {geometry.get('type')}")
    flags: list[str] = []
    if not read.is_valid:
        try:
            repaired = repair({"geometry": mapping(read)})
        except ValueError as error:
            return Fault(str(error))
        read, flags = shape(repaired["geometry"]), [FLAG]
    if datum not in ("wgs84", "cgcs2000"):
        read = _transformed(read, datum)
    west, south, east, north = read.bounds
    if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:
        return Fault("a vertex is out of range: longitude -180 to 180, latitude -90 to 90")
    centre = shapely.point_on_surface(read)
    return Boundary(json.loads(json.dumps(mapping(read))), [centre.x, centre.y], flags)


def _transformed(geometry: BaseGeometry, datum: str) -> BaseGeometry:
    def change(xy: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return to_wgs84(xy, datum)

    moved: BaseGeometry = shapely.transform(geometry, change)
    return moved
