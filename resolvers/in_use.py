"""What refers to a record: asked of the graph, or, where the graph lags, of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resolvers.catalog import Catalog, Edge, Entity
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Connection

EXAMPLES = 3


@dataclass(frozen=True)
class Users:
    """Live records of one type that refer to a record: how many, and the first codes."""

    type: str
    count: int
    examples: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"type": self.type, "count": self.count, "examples": list(self.examples)}


def referrers(catalog: Catalog, target: Entity) -> list[tuple[Entity, Edge]]:
    """The types and edges by which records may refer to the target's type."""
    return [
        (entity, edge) for entity in catalog for edge in entity.edges if edge.target == target.name
    ]


def graph_statement(target: Entity) -> str:
    """Cypher for what refers to `$code`: rows of type, count, first codes."""
    return (
        f"MATCH (:{target.name} {{code: $code}})<--(m:Record) WHERE m.retired_at IS NULL "
        "WITH DISTINCT m ORDER BY m.code "
        "WITH [label IN labels(m) WHERE label <> 'Record'][0] AS type, m.code AS code "
        f"RETURN type, count(*), collect(code)[..{EXAMPLES}] ORDER BY type"
    )


def log_statement(catalog: Catalog, target: Entity) -> str:
    """SQL for the same of `$1`. It reads every current version: for when the graph cannot."""
    terms = []
    for entity, edge in referrers(catalog, target):
        test = f"v.edges -> '{edge.prop}' ? $1" if edge.many else f"v.edges ->> '{edge.prop}' = $1"
        terms.append(f"(v.type = '{entity.name}' and {test})")
    refers = " or ".join(terms) or "$1::text is null"
    return (  # only names of the catalogue go into the text
        f'select v.type, count(*), (array_agg(v.code order by v.code collate "C"))[:{EXAMPLES}] '  # noqa: S608
        "from entity_versions v where v.to_position is null and v.operation <> 'RETIRED' "
        f"and ({refers}) group by v.type order by v.type"
    )


async def users_in_graph(graph: Graph, target: Entity, code: str) -> list[Users]:
    """Raises StoreUnavailable while the graph cannot be reached."""
    rows = await graph.run(graph_statement(target), code=code)
    return [Users(row[0], row[1], tuple(row[2])) for row in rows]


async def users_in_log(
    connection: Connection, catalog: Catalog, target: Entity, code: str
) -> list[Users]:
    """The same from the log."""
    rows = await connection.fetch(log_statement(catalog, target), code)
    return [Users(row[0], row[1], tuple(row[2])) for row in rows]
