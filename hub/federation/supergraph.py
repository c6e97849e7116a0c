"""A supergraph: what the gateway takes, and the API that it gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from hub.federation.subgraph import Subgraph


@dataclass(frozen=True)
class Supergraph:
    """One version of the composed subgraphs."""

    version: int
    supergraph: str
    """SDL for the gateway, which says what each subgraph answers, and where."""
    api: str
    """SDL of the API that callers see, sorted."""
    partners: tuple[str, ...]
    """Names of the partners' subgraphs in it."""

    @classmethod
    def of(cls, row: asyncpg.Record) -> Supergraph:
        """From a row of the table of supergraphs."""
        return cls(row["version"], row["supergraph"], row["api"], tuple(row["partners"]))


def digest_of(subgraphs: Iterable[Subgraph]) -> bytes:
    """SHA-256 of subgraphs' names, addresses and SDLs."""
    listed = [[s.name, s.url, s.sdl] for s in subgraphs]
    return hashlib.sha256(json.dumps(listed).encode()).digest()
