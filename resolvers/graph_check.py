"""Does the graph hold what the log says? Compares both sides, and names what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from resolvers.catalog import Catalog, Entity
from resolvers.errors import StoreUnavailable
from resolvers.stores.checksum import (
    Node,
    Progress,
    Sums,
    digests,
    edge_digest,
    graph_nodes,
    graph_sums,
    log_nodes,
    log_sums,
)
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Connection, Postgres
from resolvers.stores.projection import Projection

EXAMPLES = 10


@dataclass
class Difference:
    """A type whose records differ: codes that lack in the graph, are too many, or are not equal."""

    type: str
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)


@dataclass
class CheckResult:
    """What a check found. `moved`: the log went on during every attempt, so nothing is said."""

    position: int
    log: Sums
    graph: Sums
    differing: list[str]
    differences: list[Difference] = field(default_factory=list)
    moved: bool = False

    @property
    def equal(self) -> bool:
        return not self.moved and not self.differing

    def as_dict(self) -> dict[str, Any]:
        return {
            "equal": self.equal,
            "moved": self.moved,
            "position": self.position,
            "log": self.log.as_dict(),
            "graph": self.graph.as_dict(),
            "differing": self.differing,
            "differences": [vars(each) for each in self.differences],
        }


async def check_graph(
    postgres: Postgres,
    graph: Graph,
    catalog: Catalog,
    *,
    wait_seconds: float = 60.0,
    attempts: int = 3,
    progress: Progress | None = None,
) -> CheckResult:
    """Compare log and graph at one position, all nodes and relationships.

    Raises StoreUnavailable if a store cannot be reached, or the graph does not reach the log's
    position within `wait_seconds` (is a projector running?).
    """
    projection = Projection(postgres, graph)
    for attempt in range(attempts):
        async with postgres.acquire() as connection, _snapshot(connection):
            head = await connection.fetchval("select position from change_head")
            if not await projection.wait_for(head, wait_seconds):
                raise StoreUnavailable(
                    f"the graph has not reached position {head} of the log within "
                    f"{wait_seconds:.0f} s: start a projector (hub serve), or run "
                    "'hub graph rebuild'",
                    store="neo4j",
                )
            log = await log_sums(connection, catalog, progress)
            found = await graph_sums(graph, catalog, progress)
            moved = await projection.position() != head
            result = CheckResult(head, log, found, log.differing(found), moved=moved)
            if moved and attempt < attempts - 1:
                continue
            if not moved:
                names = {name.partition("-")[0] for name in result.differing}
                for entity in catalog:
                    if entity.name in names:
                        logged = await _by_code(log_nodes(connection, entity))
                        there = await _by_code(graph_nodes(graph, entity))
                        result.differences.append(_difference(entity, logged, there))
            return result
    raise AssertionError("no attempt was made")


def _snapshot(connection: Connection) -> Any:
    return connection.transaction(isolation="repeatable_read", readonly=True)


async def _by_code(pages: Any) -> dict[str, bytes]:
    found = {}
    async for page in pages:
        for node in page:
            found[node[0]["code"]] = _digest(node)
    return found


def _digest(node: Node) -> bytes:
    properties, edges = node
    code = properties["code"]
    ends = sorted(edge_digest(code, f"{edge[0]} {edge[1]} {edge[2]}") for edge in edges)
    return digests(properties)[1] + b"".join(ends)


def _difference(entity: Entity, log: dict[str, bytes], graph: dict[str, bytes]) -> Difference:
    return Difference(
        entity.name,
        missing=sorted(log.keys() - graph.keys())[:EXAMPLES],
        extra=sorted(graph.keys() - log.keys())[:EXAMPLES],
        unequal=sorted(c for c in log.keys() & graph.keys() if log[c] != graph[c])[:EXAMPLES],
    )
