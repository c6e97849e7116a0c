"""A partner: a department's subgraph as it is registered now, and how it came to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import asyncpg

from hub.federation.subgraph import Subgraph


@dataclass(frozen=True)
class PartnerVersion:
    """One change of a partner's subgraph."""

    version: int
    operation: str
    """ADDED, REPLACED or REMOVED."""
    url: str
    actor: str
    reason: str | None
    recorded_at: datetime
    supergraph: int
    """The supergraph's version that it made."""


@dataclass(frozen=True)
class Partner:
    """A registered partner."""

    name: str
    url: str
    sdl: str
    version: int
    added_at: datetime
    added_by: str
    versions: tuple[PartnerVersion, ...]
    """All of them, the oldest first, those before an earlier removal included."""

    @property
    def subgraph(self) -> Subgraph:
        return Subgraph(self.name, self.url, self.sdl, partner=True)


def partners_of(rows: Iterable[asyncpg.Record]) -> list[Partner]:
    """The partners that are there now, by name, from the rows of all versions in order."""
    found = []
    for name, group in groupby(rows, key=lambda row: row["name"]):
        versions = list(group)
        last = versions[-1]
        if last["operation"] == "REMOVED":
            continue
        added = next(row for row in reversed(versions) if row["operation"] == "ADDED")
        found.append(
            Partner(
                name,
                last["url"],
                last["sdl"],
                last["version"],
                added["recorded_at"],
                added["actor"],
                tuple(_version(row) for row in versions),
            )
        )
    return found


def _version(row: asyncpg.Record) -> PartnerVersion:
    return PartnerVersion(
        row["version"],
        row["operation"],
        row["url"],
        row["actor"],
        row["reason"],
        row["recorded_at"],
        row["supergraph"],
    )
