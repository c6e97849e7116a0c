"""The Cypher statements that bring change sets into the graph.

Records are grouped by type and by which references they have, so that a batch costs few
statements: new records of one group are created together with their relationships in one of
them. Types that others refer to come first. References within a type or around a circle of
types, and references to many, follow when all nodes stand.

Every statement says how many nodes and relationships it must have made; a shortfall means that
the graph is not what the log says it is (`GraphDiverged`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from neo4j.spatial import WGS84Point

from resolvers.catalog import Catalog, Edge, Entity
from resolvers.document import Change, ChangeSet, NodeForm, instant_text


@dataclass
class Statement:
    """Text, its `$rows`, and what it must do."""

    text: str
    rows: list[list[Any]] = field(default_factory=list)
    nodes_created: int = 0
    relationships_created: int = 0


def type_order(catalog: Catalog) -> list[str]:
    """Type names with the targets of edges before their sources, as far as there is no circle."""
    ordered: list[str] = []
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in visiting or name in ordered:
            return
        visiting.add(name)
        for edge in catalog[name].edges:
            visit(edge.target)
        ordered.append(name)

    for entity in catalog:
        visit(entity.name)
    return ordered


class TypeWriter:
    """Makes the statements for the records of one type."""

    def __init__(self, entity: Entity, earlier: Iterable[str]) -> None:
        self.entity = entity
        self.form = NodeForm(entity)
        known = set(earlier)
        self.inline = tuple(e for e in entity.edges if not e.many and e.target in known)
        self.deferred = tuple(e for e in entity.edges if e.many or e.target not in known)

    @cached_property
    def replace(self) -> str:
        """Give existing records new properties and take their references away."""
        types = "|".join(sorted({edge.relationship for edge in self.entity.edges}))
        clear = f"OPTIONAL MATCH (n)-[e:{types}]->() DELETE e " if types else ""
        return (
            f"UNWIND $rows AS r MATCH (n:{self.entity.name} {{code: r[0].code}}) "
            f"SET n = r[0] WITH n {clear}RETURN count(DISTINCT n)"
        )

    def create(self, edges: Sequence[Edge]) -> str:
        """Create records that all have the same references."""
        match = "".join(
            f"MATCH (t{i}:{edge.target} {{code: r[{i + 1}]}}) " for i, edge in enumerate(edges)
        )
        relate = "".join(f", (n)-[:{edge.relationship}]->(t{i})" for i, edge in enumerate(edges))
        return f"UNWIND $rows AS r {match}CREATE (n:Record:{self.entity.name}){relate} SET n = r[0]"

    def relate(self, edge: Edge) -> str:
        """Create the relationships of one edge between records that are there."""
        return (
            f"UNWIND $rows AS r MATCH (n:{self.entity.name} {{code: r[0]}}) "
            f"MATCH (t:{edge.target} {{code: r[1]}}) CREATE (n)-[:{edge.relationship}]->(t)"
        )

    def properties(self, change: Change, recorded_at: str) -> dict[str, Any]:
        """The node's properties as the driver takes them."""
        properties = self.form.properties(change, recorded_at)
        for prop in self.form.points:
            if prop in properties:
                properties[prop] = WGS84Point(properties[prop])
        return properties


class GraphWriter:
    """Turns change sets into statements. It keeps no state between calls."""

    def __init__(self, catalog: Catalog) -> None:
        self.types: dict[str, TypeWriter] = {}
        for name in type_order(catalog):
            self.types[name] = TypeWriter(catalog[name], self.types)

    def statements(self, sets: Sequence[ChangeSet]) -> list[Statement]:
        """The statements that bring the sets in, to be run in order in one transaction.

        Of several changes of one record only the last is written.
        """
        last: dict[tuple[str, str], tuple[Change, str]] = {}
        new: set[tuple[str, str]] = set()
        for item in sets:
            moment = instant_text(item.recorded_at)
            for change in item.changes:
                key = (change.type, change.code)
                last[key] = (change, moment)
                if change.version == 1:
                    new.add(key)
        by_type: dict[str, list[tuple[Change, str, bool]]] = {}
        for key, (change, moment) in last.items():
            by_type.setdefault(key[0], []).append((change, moment, key in new))
        first: list[Statement] = []
        after: list[Statement] = []
        for name, writer in self.types.items():
            if rows := by_type.get(name):
                self._of_type(writer, rows, first, after)
        return first + after

    def _of_type(
        self,
        writer: TypeWriter,
        rows: list[tuple[Change, str, bool]],
        first: list[Statement],
        after: list[Statement],
    ) -> None:
        creates: dict[tuple[Edge, ...], Statement] = {}
        replaces: Statement | None = None
        relates: dict[str, Statement] = {}
        for change, moment, is_new in rows:
            properties = writer.properties(change, moment)
            late: Sequence[Edge]
            if is_new:
                inline = tuple(e for e in writer.inline if e.prop in change.edges)
                statement = creates.get(inline)
                if statement is None:
                    statement = creates[inline] = Statement(writer.create(inline))
                statement.rows.append([properties, *(change.edges[e.prop] for e in inline)])
                late = writer.deferred
            else:
                if replaces is None:
                    replaces = Statement(writer.replace)
                replaces.rows.append([properties])
                late = writer.entity.edges
            for edge in late:
                value = change.edges.get(edge.prop)
                if value is None:
                    continue
                statement = relates.get(edge.prop)
                if statement is None:
                    statement = relates[edge.prop] = Statement(writer.relate(edge))
                for target in value if edge.many else (value,):
                    statement.rows.append([change.code, target])
        for inline, statement in creates.items():
            statement.nodes_created = len(statement.rows)
            statement.relationships_created = len(statement.rows) * len(inline)
            first.append(statement)
        if replaces is not None:
            first.append(replaces)
        for statement in relates.values():
            statement.relationships_created = len(statement.rows)
            after.append(statement)
