"""Buildings: in clusters inside their grids, with addresses on streets of their subdistrict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from hub.generate.divisions import Divisions
from hub.generate.streams import shares, stream, weighted
from hub.generate.words import ESTATE_KINDS, ESTATES, FALLBACK_STREETS, STREETS, TOWERS

USES = ("RESIDENTIAL", "OFFICE", "COMMERCIAL", "INDUSTRIAL", "PUBLIC", "MIXED")
_SPREAD_DEGREES = 3.5e-4


@dataclass(frozen=True)
class Buildings:
    """n buildings in columns, ordered by grid; `point`: float64 [n, 2], longitude and latitude."""

    code: list[str]
    name: list[str]
    address: list[str]
    use: list[str]
    floors: NDArray[np.int64]
    built_year: NDArray[np.int64]
    point: NDArray[np.float64]
    grid: NDArray[np.int64]
    """Index into the district's grids."""

    def __len__(self) -> int:
        return len(self.code)


def make_buildings(divisions: Divisions, count: int, seed: int, year: int) -> Buildings:
    """`count` buildings, spread over the grids by area; the newest was built in `year`."""
    rng = stream(seed, "buildings")
    outlines = [grid.boundary for grid in divisions.grids if grid.boundary is not None]
    counts = shares([line.area for line in outlines], count)
    point = np.concatenate([_clustered(o, n, rng) for o, n in zip(outlines, counts, strict=True)])
    grid = np.repeat(np.arange(len(outlines)), counts)
    use = weighted(rng, (58, 10, 12, 3, 7, 10), count)
    tall = rng.random(count) < np.where(use == 1, 0.7, 0.25)
    floors = np.where(tall, rng.integers(10, 42, count), rng.integers(2, 8, count))
    built = np.clip(rng.normal(1996, 16, count).astype(np.int64), 1900, year)
    names, addresses = _addresses(divisions, grid, use, rng)
    prefix = f"{divisions.district.code}B"
    return Buildings(
        [f"{prefix}{serial:07}" for serial in range(1, count + 1)],
        names,
        addresses,
        [USES[i] for i in use.tolist()],
        floors,
        built,
        point,
        grid,
    )


def _clustered(outline: Polygon, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Points inside a polygon around a few centres, rounded to 1e-7 degree (about 1 cm)."""
    shapely.prepare(outline)
    west, south, east, north = outline.bounds
    size, low = np.array([east - west, north - south]), np.array([west, south])
    inside = np.empty((0, 2))
    centres = np.empty((0, 2))
    while len(centres) < 1 or len(inside) < count:
        drawn = rng.random((8, 2)) * size + low
        drawn = drawn[shapely.contains_xy(outline, drawn)][:4]
        centres = drawn if len(drawn) else centres
        if not len(centres):
            continue
        around = centres[rng.integers(0, len(centres), 3 * count + 8)]
        drawn = np.round(around + rng.normal(0.0, _SPREAD_DEGREES, around.shape), 7)
        inside = np.concatenate([inside, drawn[shapely.contains_xy(outline, drawn)]])
    return inside[:count]


def _addresses(
    divisions: Divisions,
    grid: NDArray[np.int64],
    use: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[list[str], list[str]]:
    head = f"{divisions.city.name}{divisions.district.name}"
    streets = [STREETS.get(g.code[:9], FALLBACK_STREETS) for g in divisions.grids]
    first = rng.integers(0, 7, len(divisions.grids))
    second = rng.random(len(grid)) < 0.35
    word = rng.integers(0, 1000, len(grid))
    numbers: dict[str, int] = {}
    names: list[str] = []
    addresses: list[str] = []
    for g, kind, other, w in zip(
        grid.tolist(), use.tolist(), second.tolist(), word.tolist(), strict=True
    ):
        street = streets[g][(int(first[g]) + other) % len(streets[g])]
        number = numbers[street] = numbers.get(street, 0) + 1
        addresses.append(f"{head}{street}{number}号")
        if kind == 0:
            estate = ESTATES[w % len(ESTATES)] + ESTATE_KINDS[w % len(ESTATE_KINDS)]
            names.append(f"{estate}{number % 40 + 1}号楼")
        elif kind in (1, 2, 5) and w % 3 == 0:
            names.append(ESTATES[w % len(ESTATES)] + TOWERS[w % len(TOWERS)])
        else:
            names.append(f"{street}{number}号楼")
    return names, addresses
