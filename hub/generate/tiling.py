"""Dividing polygons into polygons, without gap or overlap.

All lines of a level are noded together and the faces between them read off, so neighbours share
every vertex of their common border; nothing is clipped against a copy of that border.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]

_OVERSHOOT = 1e-9
"""Degrees (0.1 mm) by which a dividing line passes the border it ends at, so that they cross."""


def divide(parents: Sequence[Polygon], seeds: Sequence[Points]) -> list[list[Polygon]]:
    """Each parent divided into one polygon per seed: its Voronoi cell within the parent.

    Parents must share their borders exactly, as this function leaves them. `seeds`: float64 [n, 2]
    per parent, degrees, inside it. A cell that the parent's outline cuts in several pieces keeps
    the largest; the others go to the neighbour with the longest common border.
    """
    lines: list[BaseGeometry] = [shapely.boundary(parent) for parent in parents]
    for parent, points in zip(parents, seeds, strict=True):
        if len(points) > 1:
            lines.append(_dividers(parent, points))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    inside = shapely.point_on_surface(faces)
    tree = shapely.STRtree(list(parents))
    at, owner = tree.query(inside, predicate="within")
    result: list[list[Polygon]] = []
    for i, (parent, points) in enumerate(zip(parents, seeds, strict=True)):
        mine = at[owner == i]
        centres = shapely.get_coordinates(inside[mine])
        nearest = _nearest_seed(centres, points, _squeeze(parent))
        result.append(_connected(faces[mine], nearest, len(points)))
    return result


def spread(parent: Polygon, count: int, rng: np.random.Generator, rounds: int = 6) -> Points:
    """`count` points spread evenly but irregularly in a polygon (float64 [count, 2], degrees).

    Lloyd's relaxation: each point moves to the centroid of its clipped Voronoi cell.
    """
    west, south, east, north = parent.bounds
    shapely.prepare(parent)
    points = np.empty((0, 2))
    while len(points) < count:
        drawn = rng.random((4 * count + 16, 2)) * (east - west, north - south) + (west, south)
        points = np.concatenate([points, drawn[shapely.contains_xy(parent, drawn)]])
    points = points[:count]
    if count == 1:
        return shapely.get_coordinates(shapely.point_on_surface(parent))
    for _ in range(rounds):
        cells = shapely.intersection(_cells(parent, points), parent)
        centres = shapely.centroid(cells)
        outside = ~shapely.contains(parent, centres)
        centres[outside] = shapely.point_on_surface(cells[outside])
        points = shapely.get_coordinates(centres)
    return points


def _squeeze(parent: Polygon) -> float:
    """Length of a degree of longitude over one of latitude, at the polygon's middle."""
    return math.cos(math.radians(parent.centroid.y))


def _cells(parent: Polygon, points: Points) -> NDArray[np.object_]:
    """Voronoi cells of the points on a plane of equal scales, in the points' order."""
    k = _squeeze(parent)
    flat = shapely.multipoints(points * (k, 1.0))
    around = shapely.transform(shapely.box(*parent.bounds), lambda xy: xy * (k, 1.0))
    cells = shapely.voronoi_polygons(flat, extend_to=around, ordered=True)
    back = shapely.transform(cells, lambda xy: xy / (k, 1.0))
    return np.asarray(shapely.get_parts(back))


def _dividers(parent: Polygon, points: Points) -> BaseGeometry:
    edges = shapely.union_all(shapely.boundary(_cells(parent, points)))
    return shapely.intersection(edges, shapely.buffer(parent, _OVERSHOOT))


def _nearest_seed(centres: Points, seeds: Points, k: float) -> NDArray[np.int64]:
    d = (centres[:, None, :] - seeds[None, :, :]) * (k, 1.0)
    nearest: NDArray[np.int64] = np.argmin((d**2).sum(axis=2), axis=1)
    return nearest


def _connected(faces: NDArray[np.object_], cell: NDArray[np.int64], count: int) -> list[Polygon]:
    """One connected polygon per cell, from faces that name their cell."""
    area = shapely.area(faces)
    main: dict[int, list[int]] = {}
    loose: list[int] = []
    for i in np.argsort(-area, kind="stable"):
        if int(cell[i]) in main:
            loose.append(int(i))
        else:
            main[int(cell[i])] = [int(i)]
    if len(main) != count:
        raise ValueError("a seed lies outside its parent")
    while loose:
        left: list[int] = []
        for i in loose:
            shared = {
                key: float(shapely.intersection(faces[i], shapely.union_all(faces[group])).length)
                for key, group in sorted(main.items())
            }
            best = max(shared, key=lambda key: shared[key])
            if shared[best] > 0.0:
                main[best].append(i)
            else:
                left.append(i)
        if len(left) == len(loose):
            raise ValueError("a piece touches no cell of its parent")
        loose = left
    joined = [shapely.coverage_union_all(faces[main[key]]) for key in range(count)]
    return [cell for cell in joined if isinstance(cell, Polygon)]


def row_order(points: Points) -> list[int]:
    """Reading order of points: rows from north to south, each from west to east.

    n points make ⌈√n⌉ rows of nearly equal length.
    """
    count = len(points)
    by_north = sorted(range(count), key=lambda i: (-points[i, 1], points[i, 0]))
    rows = np.array_split(np.array(by_north, dtype=np.int64), max(1, math.ceil(math.sqrt(count))))
    return [
        int(i) for row in rows for i in sorted(row, key=lambda i: (points[i, 0], -points[i, 1]))
    ]
