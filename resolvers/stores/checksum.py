"""A checksum over the whole graph, computed on both sides: from the log, and from Neo4j.

For each type of node and each kind of relationship there is a count and a sum of 128-bit digests,
so neither order nor paging matters. `content` leaves out when things happened: two loads of the
same input have the same content. `exact` has the times as well, and must agree between the log
and the graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from neo4j.spatial import WGS84Point

from resolvers.catalog import Catalog, Entity
from resolvers.document import Change, NodeForm, instant_text
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Connection

PAGE = 2000
MODULUS = 1 << 128

CURRENT_PAGE = """
select code, version, operation, fields, edges, recorded_at from entity_versions
where type = $1 and code > $2 and to_position is null order by code limit $3"""

Progress = Callable[[str, int], None]
"""Told of a side (`log` or `graph`) and how many more records were read."""


@dataclass(slots=True)
class Sum:
    """How many, and the sums of their digests modulo 2**128."""

    count: int = 0
    content: int = 0
    exact: int = 0

    def add(self, content: bytes, exact: bytes) -> None:
        self.count += 1
        self.content = (self.content + int.from_bytes(content)) % MODULUS
        self.exact = (self.exact + int.from_bytes(exact)) % MODULUS

    def as_dict(self) -> dict[str, Any]:
        return {"count": self.count, "content": f"{self.content:032x}"}


@dataclass
class Sums:
    """Sums by group: a type's name, or `Source-RELATIONSHIP->Target`."""

    groups: dict[str, Sum] = field(default_factory=dict)

    def of(self, group: str) -> Sum:
        found = self.groups.get(group)
        if found is None:
            found = self.groups[group] = Sum()
        return found

    @property
    def content(self) -> str:
        """One checksum over all groups, as 32 hexadecimal digits."""
        parts = [(name, s.count, f"{s.content:x}") for name, s in sorted(self.groups.items())]
        return hashlib.blake2b(orjson.dumps(parts), digest_size=16).hexdigest()

    @property
    def records(self) -> int:
        return sum(s.count for name, s in self.groups.items() if "->" not in name)

    @property
    def edges(self) -> int:
        return sum(s.count for name, s in self.groups.items() if "->" in name)

    def differing(self, other: Sums) -> list[str]:
        """The groups that are not the same, times included."""
        names = self.groups.keys() | other.groups.keys()
        return sorted(n for n in names if self.of(n) != other.of(n))

    def as_dict(self) -> dict[str, Any]:
        return {
            "content": self.content,
            "records": self.records,
            "edges": self.edges,
            "groups": {name: s.as_dict() for name, s in sorted(self.groups.items())},
        }


def digests(properties: dict[str, Any]) -> tuple[bytes, bytes]:
    """The digest of a node's properties without and with its times. Takes the dict apart."""
    times = [properties.pop("recorded_at", None), properties.pop("retired_at", None)]
    properties["retired"] = times[1] is not None
    text = orjson.dumps(properties, option=orjson.OPT_SORT_KEYS)
    content = hashlib.blake2b(text, digest_size=16).digest()
    return content, hashlib.blake2b(content + orjson.dumps(times), digest_size=16).digest()


def edge_digest(code: str, target: str) -> bytes:
    return hashlib.blake2b(f"{code}\0{target}".encode(), digest_size=16).digest()


Node = tuple[dict[str, Any], list[tuple[str, str, str]]]
"""Properties, and the relationships that leave it: (relationship, target type, target code)."""


async def log_nodes(connection: Connection, entity: Entity) -> AsyncIterator[list[Node]]:
    """Pages of a type's records as the log says they stand in the graph."""
    form = NodeForm(entity)
    after = ""
    while True:
        rows = await connection.fetch(CURRENT_PAGE, entity.name, after, PAGE)
        if not rows:
            return
        page: list[Node] = []
        for row in rows:
            change = Change(entity.name, *row[:5])
            edges = [
                (edge.relationship, edge.target, target)
                for edge in entity.edges
                if (value := row["edges"].get(edge.prop)) is not None
                for target in (value if edge.many else (value,))
            ]
            page.append((form.properties(change, instant_text(row["recorded_at"])), edges))
        yield page
        after = rows[-1]["code"]


def graph_page(entity: Entity) -> str:
    """Cypher for the next nodes of a type after `$after`, as one record."""
    return (
        f"MATCH (n:{entity.name}) WHERE n.code > $after WITH n ORDER BY n.code LIMIT {PAGE} "
        "RETURN collect([properties(n), [(n)-[r]->(m:Record) | "
        "[type(r), [label IN labels(m) WHERE label <> 'Record'][0], m.code]]])"
    )


async def graph_nodes(graph: Graph, entity: Entity) -> AsyncIterator[list[Node]]:
    """Pages of a type's nodes as they stand in Neo4j."""
    after = ""
    text = graph_page(entity)
    while True:
        record = await graph.run_record(text, {"after": after})
        if record is None or not record[0]:
            return
        page: list[Node] = []
        for properties, edges in record[0]:
            for name, value in properties.items():
                if isinstance(value, WGS84Point):
                    properties[name] = list(value)
            page.append((properties, [tuple(edge) for edge in edges]))
        after = page[-1][0]["code"]
        yield page


def add_page(sums: Sums, entity: Entity, page: Iterable[Node]) -> None:
    """Add a page of nodes, and what leaves them, to the sums."""
    nodes = sums.of(entity.name)
    for properties, edges in page:
        code = properties["code"]
        nodes.add(*digests(properties))
        for relationship, target_type, target in edges:
            digest = edge_digest(code, target)
            sums.of(f"{entity.name}-{relationship}->{target_type}").add(digest, digest)


async def log_sums(
    connection: Connection, catalog: Catalog, progress: Progress | None = None
) -> Sums:
    """The sums of the log's current state; within one snapshot if the connection is in one."""
    sums = Sums()
    for entity in catalog:
        async for page in log_nodes(connection, entity):
            if progress:
                progress("log", len(page))
            add_page(sums, entity, page)
    return sums


async def graph_sums(graph: Graph, catalog: Catalog, progress: Progress | None = None) -> Sums:
    """The sums of what Neo4j holds; nodes and relationships of no known type count as `?`."""
    sums = Sums()
    for entity in catalog:
        async for page in graph_nodes(graph, entity):
            if progress:
                progress("graph", len(page))
            add_page(sums, entity, page)
    nodes = (await graph.run("MATCH (n:Record) RETURN count(n)"))[0][0]
    edges = (await graph.run("MATCH (:Record)-[r]->() RETURN count(r)"))[0][0]
    for name, extra in (("?", nodes - sums.records), ("?->?", edges - sums.edges)):
        if extra:
            sums.of(name).count = extra
    return sums
