"""Placing points on the grid: which grid a longitude and latitude belong to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import structlog
from numpy.typing import NDArray
from shapely.geometry import shape as to_geometry
from shapely.geometry.base import BaseGeometry

from resolvers.geodesy import metres_per_degree

log = structlog.get_logger("resolvers.placement")

NEAREST_GRID = "NEAREST_GRID"
"""Flag of a record whose point lies outside every grid, but near one."""
GRID_GIVEN = "GRID_GIVEN"
"""Flag of a record that was given a grid, while its point lies in another."""
REACH_METRES = 300.0
"""How far outside all grids a point still goes to the nearest one."""

Shape = BaseGeometry | Mapping[str, Any] | str


@dataclass(frozen=True)
class Placed:
    """The grid a point belongs to, and what was noticed in finding it."""

    grid_code: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlacedMany:
    """Grids of n points: `index` into `codes` (int64 [n], -1 for none), `nearest` (bool [n])."""

    codes: tuple[str, ...]
    index: NDArray[np.int64]
    nearest: NDArray[np.bool_]

    def __getitem__(self, i: int) -> Placed | None:
        at = int(self.index[i])
        if at < 0:
            return None
        return Placed(self.codes[at], (NEAREST_GRID,) if self.nearest[i] else ())

    def __len__(self) -> int:
        return len(self.index)


class Placement:
    """A spatial index over grids: pairs of code and shape (GeoJSON text or mapping, or shapely).

    A point inside one grid belongs to it; a point on a border belongs to the touching grid with
    the lowest code; a point up to 300 m outside all grids belongs to the nearest one (the lowest
    code among equals), flagged NEAREST_GRID; a point further away belongs to none. Distances are
    in metres, on a plane scaled by the ellipsoid's radii at the point's own latitude.

    A grid whose shape cannot be read is left out: its code stands in `unreadable`.
    """

    def __init__(self, grids: Iterable[tuple[str, Shape]]) -> None:
        pairs: list[tuple[str, BaseGeometry]] = []
        unreadable: list[str] = []
        for code, shape in grids:
            try:
                pairs.append((code, _geometry(shape)))
            except Exception as error:  # whatever a shape can do to the libraries that read it
                unreadable.append(code)
                log.warning("grid left out", grid=code, reason=f"{type(error).__name__}: {error}")
        pairs.sort(key=lambda pair: pair[0])
        self.unreadable = tuple(sorted(unreadable))
        self.codes = tuple(code for code, _ in pairs)
        self._shapes = np.array([shape for _, shape in pairs], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all grids, in degrees; None without grids."""
        if not self.codes:
            return None
        west, south, east, north = (float(x) for x in shapely.total_bounds(self._shapes))
        return west, south, east, north

    def place(self, longitude: float, latitude: float) -> Placed | None:
        """The grid of one point in WGS 84 degrees, or None further than 300 m outside all."""
        return self.place_many(np.array([[longitude, latitude]], dtype=np.float64))[0]

    def place_many(self, lonlat: NDArray[np.float64]) -> PlacedMany:
        """The grids of many points (`lonlat`: float64 [n, 2], WGS 84 degrees).

        A point that is not finite belongs to no grid.
        """
        count = len(lonlat)
        index = np.full(count, len(self.codes), dtype=np.int64)
        nearest = np.zeros(count, dtype=np.bool_)
        usable = np.isfinite(lonlat).all(axis=1)
        at = np.flatnonzero(usable)
        if len(at) and self.codes:
            points = shapely.points(lonlat[at])
            found, grid = self._tree.query(points, predicate="intersects")
            np.minimum.at(index, at[found], grid)
            for i in at[index[at] == len(self.codes)]:
                near = self._nearest(float(lonlat[i, 0]), float(lonlat[i, 1]))
                if near is not None:
                    index[i] = near
                    nearest[i] = True
        index[index == len(self.codes)] = -1
        return PlacedMany(self.codes, index, nearest)

    def _nearest(self, longitude: float, latitude: float) -> int | None:
        """Index of the nearest grid within reach of a point outside all."""
        if abs(latitude) >= 90.0:
            return None
        scale = np.array(metres_per_degree(latitude))
        dx, dy = REACH_METRES / scale * 1.01
        box = shapely.box(longitude - dx, latitude - dy, longitude + dx, latitude + dy)
        near = np.sort(self._tree.query(box))
        if not len(near):
            return None
        origin = np.array([longitude, latitude])
        local = shapely.transform(self._shapes[near], lambda xy: (xy - origin) * scale)
        metres = shapely.distance(local, shapely.Point(0.0, 0.0))
        best = int(np.argmin(metres))
        return int(near[best]) if metres[best] <= REACH_METRES else None


def _geometry(shape: Shape) -> BaseGeometry:
    if isinstance(shape, BaseGeometry):
        geometry = shape
    else:
        geometry = to_geometry(json.loads(shape) if isinstance(shape, str) else dict(shape))
    return geometry if geometry.is_valid else shapely.make_valid(geometry)
