"""Neo4j's constraints and indexes, derived from the catalogue, and its numbered migrations.

Uniqueness constraints and indexes follow from the model, so a new domain needs nothing here.
What does not follow from it (a rename, a property to fill in) is a numbered file
`migrations/neo4j/NNNN_name.cypher`, recorded on a `:Migration` node once it has been applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

from resolvers.catalog import Catalog, Entity, ValueType, snake
from resolvers.stores.neo4j import Graph

FULL_TEXT = "record_text"


def statements(catalog: Catalog) -> list[str]:
    """Every schema statement, each of which does nothing where its index exists already."""
    found = [
        "CREATE CONSTRAINT projection_name IF NOT EXISTS "
        "FOR (n:Projection) REQUIRE n.name IS UNIQUE",
        "CREATE INDEX record_code IF NOT EXISTS FOR (n:Record) ON (n.code)",
        f"CREATE FULLTEXT INDEX {FULL_TEXT} IF NOT EXISTS FOR (n:Record) ON EACH [n.search_text] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words'}}",
    ]
    for entity in catalog:
        found += _of_entity(entity)
    return found


def _of_entity(entity: Entity) -> Iterator[str]:
    label, name = entity.name, snake(entity.name)
    yield (
        f"CREATE CONSTRAINT {name}_code_unique IF NOT EXISTS "
        f"FOR (n:{label}) REQUIRE n.code IS UNIQUE"
    )
    for field in entity.all_fields:
        if field.index:
            yield (
                f"CREATE INDEX {name}_{field.prop} IF NOT EXISTS "
                f"FOR (n:{label}) ON (n.{field.prop}, n.code)"
            )
        if field.type is ValueType.POINT:
            yield (
                f"CREATE POINT INDEX {name}_{field.prop}_point IF NOT EXISTS "
                f"FOR (n:{label}) ON (n.{field.prop})"
            )


async def ensure_schema(graph: Graph, catalog: Catalog, *, wait_seconds: int = 600) -> None:
    """Make what is missing, then wait until every index serves. Safe to repeat."""
    for statement in statements(catalog):
        await graph.run(statement)
    await _migrate(graph)
    await graph.run("CALL db.awaitIndexes($seconds)", seconds=wait_seconds)


async def _migrate(graph: Graph) -> None:
    applied = {row[0] for row in await graph.run("MATCH (m:Migration) RETURN m.number")}
    folder = resources.files("resolvers.stores").joinpath("migrations/neo4j")
    entries = sorted(folder.iterdir(), key=lambda e: e.name) if folder.is_dir() else []
    for entry in entries:
        match = re.fullmatch(r"(\d{4})_(\w+)\.cypher", entry.name)
        if match is None or int(match[1]) in applied:
            continue
        for statement in entry.read_text("utf-8").split(";\n"):
            if statement.strip():
                await graph.run(statement)
        await graph.run(
            "CREATE (:Migration {number: $number, name: $name})",
            number=int(match[1]),
            name=match[2],
        )
