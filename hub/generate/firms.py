"""Firms: those that run venues stand where the venue is, the others in some building."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hub.generate.buildings import Buildings
from hub.generate.codes import usccs
from hub.generate.divisions import Divisions
from hub.generate.streams import stream, weighted
from hub.generate.venues import KINDS, Venues
from hub.generate.words import FIRM_TRADES, FIRST, VENUE_INDUSTRY

STATUSES = ("ACTIVE", "SUSPENDED", "REVOKED", "DEREGISTERED")


@dataclass(frozen=True)
class Firms:
    """n firms in columns."""

    code: list[str]
    name: list[str]
    status: NDArray[np.int64]
    """Index into `STATUSES`."""
    industry: list[str]
    established: NDArray[np.int64]
    """Days before the reference date."""
    capital: NDArray[np.float64]
    building: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.code)


def make_firms(
    divisions: Divisions, buildings: Buildings, venues: Venues, count: int, seed: int
) -> Firms:
    """`count` firms; one that runs an open venue is active."""
    rng = stream(seed, "firms")
    building = rng.integers(0, len(buildings), count)
    runs = np.full(count, -1, dtype=np.int64)
    operated = np.flatnonzero(venues.operator >= 0)
    runs[venues.operator[operated]] = operated
    has = runs >= 0
    building[has] = venues.building[runs[has]]
    status = weighted(rng, (78, 5, 5, 12), count)
    opened = venues.operator[(venues.status == 0) & (venues.operator >= 0)]
    status[opened] = 0
    names, industries = _names(divisions, venues, runs, rng)
    capital: NDArray[np.float64] = np.exp(rng.normal(4.2, 1.4, count)).round(0) + 1.0
    return Firms(
        _codes(divisions, has, rng, count),
        names,
        status,
        industries,
        rng.integers(30, 365 * 28, count),
        capital,
        building,
    )


def _codes(
    divisions: Divisions, has_venue: NDArray[np.bool_], rng: np.random.Generator, count: int
) -> list[str]:
    """Half of those that run a venue are sole traders (category 92), the rest firms (91)."""
    serial = (np.arange(count, dtype=np.int64) * 48_271 + int(rng.integers(0, 31**5))) % 31**6
    trader = has_venue & (rng.random(count) < 0.5)
    district = divisions.district.code
    firm_codes = usccs(f"91{district}", serial, "MA")
    trader_codes = usccs(f"92{district}", serial, "MA")
    return [
        b if t else a for a, b, t in zip(firm_codes, trader_codes, trader.tolist(), strict=True)
    ]


def _names(
    divisions: Divisions, venues: Venues, runs: NDArray[np.int64], rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    city = divisions.city.name.removesuffix("市")
    first = rng.integers(0, len(FIRST), (2, len(runs))).tolist()
    trade = rng.integers(0, len(FIRM_TRADES), len(runs)).tolist()
    names: list[str] = []
    industries: list[str] = []
    for venue, a, b, t in zip(runs.tolist(), first[0], first[1], trade, strict=True):
        if venue >= 0:
            names.append(f"{divisions.district.name}{venues.name[venue]}")
            industries.append(VENUE_INDUSTRY[KINDS[venues.kind[venue]]])
        else:
            names.append(f"{city}{FIRST[a]}{FIRST[b]}{FIRM_TRADES[t][0]}有限公司")
            industries.append(FIRM_TRADES[t][1])
    return names, industries


def days_before(today: date, limit: int) -> list[str]:
    """ISO dates of 0 to `limit` days before a date: a table to look days up in."""
    return [(today - timedelta(days=days)).isoformat() for days in range(limit + 1)]
