"""Venues: in buildings, of the nine small kinds and the larger ones, most of them run by firms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hub.generate.buildings import Buildings
from hub.generate.divisions import Divisions
from hub.generate.streams import stream, weighted
from hub.generate.words import FIRST, VENUE_FLOOR_AREA, VENUE_WEIGHTS, VENUE_WORDS

KINDS = tuple(VENUE_WEIGHTS)
STATUSES = ("OPEN", "SUSPENDED", "CLOSED")
_JITTER_DEGREES = 4e-5


@dataclass(frozen=True)
class Venues:
    """n venues in columns, ordered by building; `point`: float64 [n, 2]."""

    code: list[str]
    name: list[str]
    kind: NDArray[np.int64]
    """Index into `KINDS`."""
    status: NDArray[np.int64]
    """Index into `STATUSES`."""
    floor_area: NDArray[np.float64]
    point: NDArray[np.float64]
    building: NDArray[np.int64]
    operator: NDArray[np.int64]
    """Index of the firm that runs it, -1 for none."""

    def __len__(self) -> int:
        return len(self.code)


def make_venues(
    divisions: Divisions, buildings: Buildings, count: int, firms: int, seed: int
) -> Venues:
    """`count` venues in the buildings, more in those for offices and trade.

    Of ten venues, one has no known operator and one belongs to a chain.
    """
    rng = stream(seed, "venues")
    pull = {"RESIDENTIAL": 1.0, "OFFICE": 2.0, "COMMERCIAL": 4.0, "PUBLIC": 0.6, "MIXED": 2.5}
    weights = [pull.get(use, 0.5) for use in buildings.use]
    building = np.sort(weighted(rng, weights, count))
    kind = weighted(rng, list(VENUE_WEIGHTS.values()), count)
    low = np.array([VENUE_FLOOR_AREA.get(name, (15, 300))[0] for name in KINDS])[kind]
    high = np.array([VENUE_FLOOR_AREA.get(name, (15, 300))[1] for name in KINDS])[kind]
    prefix = f"{divisions.district.code}V"
    return Venues(
        [f"{prefix}{serial:07}" for serial in range(1, count + 1)],
        _names(kind, rng),
        kind,
        weighted(rng, (92, 4, 4), count),
        np.round(low + (high - low) * rng.random(count) ** 2, 1),
        _points(divisions, buildings, building, rng),
        building,
        _operators(count, firms, rng),
    )


def _names(kind: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    first = rng.integers(0, len(FIRST), len(kind)).tolist()
    last = rng.integers(0, 60, len(kind)).tolist()
    words = [VENUE_WORDS[name] for name in KINDS]
    return [
        FIRST[f] + words[k][i % len(words[k])]
        for k, f, i in zip(kind.tolist(), first, last, strict=True)
    ]


def _points(
    divisions: Divisions,
    buildings: Buildings,
    building: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """A few metres from the building's point, where that is still in the same grid."""
    outlines = np.array([grid.boundary for grid in divisions.grids], dtype=object)
    shapely.prepare(outlines)
    home = buildings.point[building]
    moved = np.round(home + rng.normal(0.0, _JITTER_DEGREES, home.shape), 7)
    kept = shapely.contains_xy(outlines[buildings.grid[building]], moved[:, 0], moved[:, 1])
    return np.where(kept[:, None], moved, home)


def _operators(count: int, firms: int, rng: np.random.Generator) -> NDArray[np.int64]:
    own = rng.permutation(firms)[:count].astype(np.int64)
    own = np.concatenate([own, rng.integers(0, firms, count - len(own))])
    draw = rng.random(count)
    chains = own[rng.integers(0, max(1, count // 50), count)]
    return np.where(draw < 0.1, -1, np.where(draw < 0.2, chains, own))
