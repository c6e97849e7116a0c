"""Cameras: beside buildings, each with up to three venues of that building in view."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from hub.generate.buildings import Buildings
from hub.generate.codes import camera_codes
from hub.generate.departments import Department, find
from hub.generate.divisions import Divisions
from hub.generate.streams import stream, weighted
from hub.generate.venues import Venues

SCENES: tuple[tuple[str, str, float], ...] = (
    ("STREET", "街面", 40),
    ("SQUARE", "广场", 6),
    ("MARKET", "市场", 6),
    ("SCHOOL_GATE", "学校门口", 5),
    ("RESIDENTIAL", "小区出入口", 22),
    ("FACADE", "高空抛物", 5),
    ("WASTE_POINT", "垃圾投放点", 6),
    ("TRAFFIC", "路口", 10),
)
STATUSES = ("ONLINE", "OFFLINE", "MAINTENANCE")
_OWNERS = ("公安局", "城市管理局", "大数据发展管理局", "应急管理局", "网格化服务中心")
_INDUSTRY = "00"
"""GB/T 28181 industry code: public security, roads and streets (社会治安路面接入)."""
_JITTER_DEGREES = 1e-4

Row = tuple[str, ...]


def make_cameras(
    divisions: Divisions,
    buildings: Buildings,
    venues: Venues,
    departments: list[Department],
    count: int,
    catalogued: int,
    seed: int,
) -> Iterator[Row]:
    """`count` cameras, columns as in `cameras.csv`; the `catalogued` ones are of high value."""
    rng = stream(seed, "cameras")
    building = rng.integers(0, len(buildings), count)
    point = _points(divisions, buildings, building, rng)
    scene = weighted(rng, [weight for _, _, weight in SCENES], count).tolist()
    status = weighted(rng, (93, 5, 2), count).tolist()
    listed = np.zeros(count, dtype=np.bool_)
    listed[rng.permutation(count)[:catalogued]] = True
    low = weighted(rng, (2, 1), count).tolist()
    owners = [find(departments, part).code for part in _OWNERS]
    owner = weighted(rng, (45, 25, 10, 8, 12), count).tolist()
    heading = np.round(rng.random(count) * 360.0, 1).tolist()
    seen = rng.integers(0, 4, count)
    first = np.searchsorted(venues.building, building, side="left").tolist()
    last = np.searchsorted(venues.building, building, side="right").tolist()
    codes = camera_codes(f"{divisions.district.code}00", _INDUSTRY, count)
    for i, code in enumerate(codes):
        address = buildings.address[building[i]]
        watched = venues.code[first[i] : min(last[i], first[i] + int(seen[i]))]
        yield (
            code,
            f"{address.split(divisions.district.name, 1)[-1]}{SCENES[scene[i]][1]}",
            SCENES[scene[i]][0],
            "HIGH" if listed[i] else ("MEDIUM", "LOW")[low[i]],
            STATUSES[status[i]],
            "true" if listed[i] else "false",
            address,
            repr(float(point[i, 0])),
            repr(float(point[i, 1])),
            repr(heading[i]),
            owners[owner[i]],
            "|".join(watched),
        )


def _points(
    divisions: Divisions,
    buildings: Buildings,
    building: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Some metres from the building, where that is still in the district."""
    outline = divisions.district.boundary
    home = buildings.point[building]
    moved = np.round(home + rng.normal(0.0, _JITTER_DEGREES, home.shape), 7)
    inside = shapely.contains_xy(outline, moved[:, 0], moved[:, 1])
    return np.where(inside[:, None], moved, home)
