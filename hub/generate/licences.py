"""Licences: one business licence per firm, what venues need, and certificates of persons.

Persons are numbered, never named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hub.generate.codes import licence_identifiers, usccs
from hub.generate.departments import Department, find
from hub.generate.firms import Firms
from hub.generate.kinds import KINDS, kind_code
from hub.generate.streams import stream, weighted
from hub.generate.venues import KINDS as VENUE_KINDS
from hub.generate.venues import Venues

EXPIRING_DAYS = 90
"""A licence that ends within so many days is EXPIRING."""
CHUNK = 20_000

Row = tuple[str, ...]


@dataclass(frozen=True)
class _Targets:
    """Who gets which kind: indices of kind, firm and venue, -1 for none (int64 [n] each)."""

    kind: NDArray[np.int64]
    firm: NDArray[np.int64]
    venue: NDArray[np.int64]


def make_licences(
    firms: Firms,
    venues: Venues,
    departments: list[Department],
    district: str,
    count: int,
    seed: int,
    today: date,
) -> Iterator[list[Row]]:
    """`count` licences in chunks of rows, columns as in `licences.csv`.

    Statuses fit the dates as they stand on `today`; a business licence dates from the founding.
    One in 200 names its issuer by 6 digits, as some real ones do.
    """
    rng = stream(seed, "licences")
    targets = _targets(firms, venues, count, rng)
    types = _types(seed)
    issuers = [find(departments, kind.issuer).code for kind in KINDS]
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        chunk = _Targets(targets.kind[part], targets.firm[part], targets.venue[part])
        yield _rows(chunk, start, firms, venues, types, issuers, district, rng, today)


def _types(seed: int) -> list[str]:
    """Type part of the identifier: the made-up USCC of a defining authority and three digits."""
    serials = stream(seed, "licence kinds").integers(1, 31**4, len(KINDS))
    authorities = usccs("11100000", serials.astype(np.int64), "0000")
    return [f"{uscc}{number:03}" for number, uscc in enumerate(authorities, start=1)]


def _targets(firms: Firms, venues: Venues, count: int, rng: np.random.Generator) -> _Targets:
    """Business licences first, then what venues need, then what persons and firms hold besides."""
    base = min(len(firms), count)
    venue_of = np.full(len(firms), -1, dtype=np.int64)
    operated = np.flatnonzero(venues.operator >= 0)
    venue_of[venues.operator[operated]] = operated
    for_venues = int((count - base) * 0.6)
    rest = count - base - for_venues
    needs = [[i for i, kind in enumerate(KINDS) if name in kind.venues] for name in VENUE_KINDS]
    venue = np.arange(for_venues, dtype=np.int64) % len(venues)
    turn = np.arange(for_venues, dtype=np.int64) // len(venues)
    kind = np.array(
        [
            needs[k][int(t) % len(needs[k])]
            for k, t in zip(venues.kind[venue].tolist(), turn, strict=True)
        ],
        dtype=np.int64,
    )
    others = [i for i, kind_ in enumerate(KINDS) if i > 0 and kind_.to != "VENUE"]
    pull = [4.0 if KINDS[i].to == "PERSON" else 1.0 for i in others]
    other = np.array(others, dtype=np.int64)[weighted(rng, pull, rest)]
    to_firm = np.array([KINDS[i].to == "FIRM" for i in range(len(KINDS))])[other]
    other_firm = np.where(to_firm, rng.integers(0, len(firms), rest), -1)
    return _Targets(
        np.concatenate([np.zeros(base, dtype=np.int64), kind, other]),
        np.concatenate([np.arange(base, dtype=np.int64), venues.operator[venue], other_firm]),
        np.concatenate([venue_of[:base], venue, np.full(rest, -1, dtype=np.int64)]),
    )


def _rows(
    targets: _Targets,
    start: int,
    firms: Firms,
    venues: Venues,
    types: list[str],
    issuers: list[str],
    district: str,
    rng: np.random.Generator,
    today: date,
) -> list[Row]:
    size = len(targets.kind)
    age = rng.random(size)
    short = (rng.random(size) < 0.005).tolist()
    special = weighted(rng, (95, 1, 1, 3), size).tolist()
    kinds, holders = targets.kind.tolist(), targets.firm.tolist()
    covered = targets.venue.tolist()
    founded = firms.established[np.maximum(targets.firm, 0)].tolist()
    dates = [
        (today - timedelta(days=days), None) if k == 0 else _dates(KINDS[k].months, a, today)
        for k, a, days in zip(kinds, age.tolist(), founded, strict=True)
    ]
    stems = [
        f"{types[k]}.{district if s else issuers[k]}.{issued.year}{start + i + 1:07}.001"
        for i, (k, s, (issued, _)) in enumerate(zip(kinds, short, dates, strict=True))
    ]
    rows: list[Row] = []
    for i, identifier in enumerate(licence_identifiers(stems)):
        kind, firm, venue = KINDS[kinds[i]], holders[i], covered[i]
        issued, expires = dates[i]
        person = firm < 0
        rows.append(
            (
                identifier,
                kind.name,
                ("", "SUSPENDED", "REVOKED", "REPLACED")[special[i]] or _status(expires, today),
                f"{kind.letters}{district}{start + i + 1:08}",
                issued.isoformat(),
                expires.isoformat() if expires else "",
                "PERSON" if person else "FIRM",
                f"P{start + i + 1:08}" if person else "",
                kind_code(kinds[i]),
                "" if person else firms.code[firm],
                issuers[kinds[i]],
                venues.code[venue] if venue >= 0 else "",
            )
        )
    return rows


def _dates(months: int | None, age: float, today: date) -> tuple[date, date | None]:
    """Issue date up to 1.15 validities ago (20 years without an end), and last day of validity."""
    span = (months or 240) * 30.44 * (1.0 if months is None else 1.15)
    issued = today - timedelta(days=int(age * span) + 1)
    if months is None:
        return issued, None
    years, month = divmod(issued.month - 1 + months, 12)
    end = date(issued.year + years, month + 1, min(issued.day, 28))
    return issued, end - timedelta(days=1)


def _status(expires: date | None, today: date) -> str:
    if expires is None:
        return "VALID"
    if expires < today:
        return "EXPIRED"
    return "EXPIRING" if (expires - today).days <= EXPIRING_DAYS else "VALID"
