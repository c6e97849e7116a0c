"""Records as plain values, each read by a statement of one purpose."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resolvers.catalog import Catalog, Chain, Edge, Entity
from resolvers.document import Change, targets
from resolvers.stores.graph_writer import TypeWriter

if TYPE_CHECKING:
    from resolvers.levels import Statements
    from resolvers.stores.neo4j import Graph

ITEM = "[[t IN labels({0}) WHERE t <> 'Record'][0], properties({0})]"
FOUND = ITEM.format("n")


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """A record with its properties as the graph has them."""

    type: str
    properties: Mapping[str, Any]
    leads_to: Mapping[str, list[tuple[str, str]]] | None = None
    """For a record that the graph does not hold yet: relationship to (type, code) pairs."""

    @property
    def code(self) -> str:
        code: str = self.properties["code"]
        return code

    def get(self, prop: str) -> Any:
        return self.properties.get(prop)


class Records:
    """Reads the graph a step at a time. Raises StoreUnavailable while it cannot be reached."""

    def __init__(self, graph: Graph, statements: Statements) -> None:
        self._graph = graph
        self._statements = statements

    async def every(self, type_name: str) -> list[Node]:
        """All records of a type, in no order."""
        return _nodes(await self._ask(f"MATCH (n:{type_name}) RETURN collect({FOUND})"))

    async def find(self, type_name: str, code: str) -> Node | None:
        """The record of a type with this code."""
        text = f"MATCH (n:{type_name} {{code: $code}}) RETURN collect({FOUND})"
        found = _nodes(await self._ask(text, code=code))
        return found[0] if found else None

    async def with_code(self, code: str) -> list[Node]:
        """The records of any type with this code."""
        text = f"MATCH (n:Record {{code: $code}}) RETURN collect({FOUND})"
        return _nodes(await self._ask(text, code=code))

    async def targets(self, node: Node, relationship: str) -> list[Node]:
        """The records that a record refers to by a relationship."""
        if node.leads_to is not None:
            found = [await self.find(*key) for key in node.leads_to.get(relationship, ())]
            return [far for far in found if far is not None]
        text = (
            f"MATCH (:{node.type} {{code: $code}})-[:{relationship}]->(n) RETURN collect({FOUND})"
        )
        return _nodes(await self._ask(text, code=node.code))

    async def sources(self, node: Node, relationship: str, type_name: str) -> list[Node]:
        """The records of a type that refer to a record by a relationship."""
        text = (
            f"MATCH (:{node.type} {{code: $code}})<-[:{relationship}]-(n:{type_name}) "
            f"RETURN collect({FOUND})"
        )
        return _nodes(await self._ask(text, code=node.code))

    async def hits(self, query: str) -> list[tuple[Node, float]]:
        """What the full-text index finds, with its scores."""
        text = (
            "CALL db.index.fulltext.queryNodes('record_text', $query) YIELD node, score "
            f"RETURN collect([{ITEM.format('node')}, score])"
        )
        found = await self._ask(text, query=query)
        return [(Node(*item), score) for item, score in found]

    async def at(self, catalog: Catalog, node: Node, link: Edge | Chain) -> list[Node]:
        """The records at the far end of an edge or chain, in order of their codes."""
        here = [node]
        for relationship, _ in catalog.steps(catalog[node.type], link):
            here = [far for each in here for far in await self.targets(each, relationship)]
        return sorted(here, key=lambda far: far.code)

    async def above(self, catalog: Catalog, node: Node) -> list[Node]:
        """The divisions a record lies in, the smallest first.

        A record without a place of its own lies where its chain leads: a licence at its venue.
        """
        here: Node | None = await self._place(catalog, catalog[node.type], node)
        found: list[Node] = []
        while here is not None:
            up = await self.targets(here, "IN")
            here = up[0] if up else None
            found += up[:1]
        return found

    async def _place(self, catalog: Catalog, entity: Entity, node: Node) -> Node | None:
        here = node
        for chain in entity.chains[:1]:
            for relationship, _ in catalog.steps(entity, chain)[:-1]:
                found = await self.targets(here, relationship)
                if not found:
                    return None
                here = found[0]
        return here

    async def _ask(self, text: str, **params: Any) -> list[Any]:
        began = time.time_ns()
        answer = await self._graph.run_record(text, params)
        self._statements.add("neo4j", text, began)
        assert answer is not None
        items: list[Any] = answer[0]
        return items


def logged_node(entity: Entity, change: Change, recorded_at: str) -> Node:
    """A record as a version in the log has it."""
    properties = TypeWriter(entity, ()).properties(change, recorded_at)
    leads_to: dict[str, list[tuple[str, str]]] = {}
    relationships = {edge.prop: edge.relationship for edge in entity.edges}
    for prop, target, code in targets(entity, change.edges):
        leads_to.setdefault(relationships[prop], []).append((target, code))
    return Node(entity.name, properties, leads_to)


def _nodes(items: list[Any]) -> list[Node]:
    return [Node(*item) for item in items]
