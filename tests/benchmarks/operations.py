"""The four reads that are measured, and the keys they are asked with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from resolvers.stores.neo4j import Graph

A = """query A($code: String!) {
  venue(code: $code) { code name kind status address path { code name } }
}"""
B = """query B($code: String!) {
  grid(code: $code) {
    code name
    buildings(first: 20) { nodes { code name address
      venues(first: 5) { nodes { code name kind } } } }
  }
}"""
C = """query C($code: String!) {
  grid(code: $code) {
    code name
    buildings(first: 1000) { nodes { code name address
      venues(first: 5) { nodes { code name kind } } } }
  }
}"""
D = """query D($kind: VenueKind!, $prefix: String!) {
  venues(filter: {kind: {eq: $kind}, code: {prefix: $prefix}}, first: 100) {
    nodes { code name kind status address grid { code name } }
    pageInfo { hasNextPage endCursor }
  }
}"""

KEYS = 10_000


@dataclass(frozen=True)
class Operation:
    """A read with the variables it is asked with, drawn at random."""

    name: str
    text: str
    variables: list[dict[str, Any]]


async def operations(graph: Graph, seed: int = 7) -> list[Operation]:
    """The reads, with at least 10,000 draws each (of the grids there are, with repeats)."""
    draw = random.Random(seed)
    codes = [row[0] for row in await graph.run("MATCH (n:Venue) RETURN n.code ORDER BY n.code")]
    grids = [row[0] for row in await graph.run("MATCH (n:Grid) RETURN n.code ORDER BY n.code")]
    kinds = [row[0] for row in await graph.run("MATCH (n:Venue) RETURN DISTINCT n.kind")]
    by_code = [{"code": code} for code in draw.sample(codes, min(KEYS, len(codes)))]
    by_grid = [{"code": draw.choice(grids)} for _ in range(KEYS)]
    pages = [{"kind": draw.choice(kinds), "prefix": draw.choice(codes)[:-4]} for _ in range(KEYS)]
    return [
        Operation("A", A, by_code),
        Operation("B", B, by_grid),
        Operation("C", C, by_grid),
        Operation("D", D, pages),
    ]
