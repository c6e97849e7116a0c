"""What is in the stores, so that arguments can be drawn from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from resolvers.cursors import CursorKey
from resolvers.execute import Services
from resolvers.model import CATALOG


@dataclass(frozen=True)
class Known:
    """A record as it stands in the graph: its type, properties and what its edges lead to."""

    type: str
    properties: dict[str, Any]
    edges: dict[str, list[str]]

    @property
    def code(self) -> str:
        code: str = self.properties["code"]
        return code


class NotingCursorKey(CursorKey):
    """A cursor key that notes the cursors it signs, by the list they belong to."""

    def __init__(self, secret: bytes) -> None:
        super().__init__(secret)
        self.signed: dict[str, list[str]] = defaultdict(list)

    def sign(self, place: list[Any]) -> str:
        cursor = super().sign(place)
        kept = self.signed[place[0]]
        if len(kept) < 60 and cursor not in kept:
            kept.append(cursor)
        return cursor


@dataclass
class World:
    """All records by type and code, and the cursors seen so far by the list they belong to."""

    records: dict[str, dict[str, Known]]
    cursors: Mapping[str, list[str]]
    sign: Callable[[list[Any]], str]
    """Makes the cursor of a place."""
    rows: dict[str, list[dict[str, Any]]]
    """The documents of all rows, by type."""

    def any_of(self, random: Random, type_name: str) -> Known:
        return random.choice(list(self.records[type_name].values()))

    def any_division(self, random: Random) -> str:
        return self.any_of(random, random.choice(CATALOG.divisions).name).code


EVERYTHING = """
MATCH (n:Record)
RETURN collect([[t IN labels(n) WHERE t <> 'Record'][0], properties(n),
                COLLECT { MATCH (n)-[r]->(m:Record) RETURN [type(r), m.code] }])"""


async def explore(services: Services, cursor_key: NotingCursorKey) -> World:
    """Read all records."""
    answer = await services.graph.run_record(EVERYTHING, {})
    assert answer is not None
    records: dict[str, dict[str, Known]] = {name: {} for name in CATALOG.entities}
    for type_name, properties, edges in answer[0]:
        entity = CATALOG[type_name]
        led = {
            edge.name: sorted(code for kind, code in edges if kind == edge.relationship)
            for edge in entity.edges
        }
        records[type_name][properties["code"]] = Known(type_name, properties, led)
    rows = {
        row.name: [
            orjson.loads(each["doc"])
            for each in await services.postgres.fetch(f"select doc from {row.table} order by id")
        ]
        for row in CATALOG.rows.values()
    }
    return World(records, cursor_key.signed, cursor_key.sign, rows)
