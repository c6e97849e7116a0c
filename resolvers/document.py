"""What the change log holds of a record, and what the graph holds of it.

A document is two maps. `fields` has the record's own properties by their snake_case names: text,
numbers, booleans, dates and instants as text, points as `[x, y]`, shapes as GeoJSON, lists of
texts. `edges` has the codes that its references lead to, a list where an edge is to many. What
is absent is null. Code, version and times are no part of it: they belong to the version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from resolvers.catalog import Entity, ValueType, camel
from resolvers.search_text import search_text

CREATED, UPDATED, RETIRED, RESTORED = "CREATED", "UPDATED", "RETIRED", "RESTORED"


class Encoded(NamedTuple):
    """A document as the log stores it, and the 128-bit digest that tells whether it changed."""

    fields: bytes
    edges: bytes
    digest: bytes


def encode(fields: Mapping[str, Any], edges: Mapping[str, Any]) -> Encoded:
    """A document in its one canonical form: compact JSON with sorted keys."""
    fields_json = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    edges_json = orjson.dumps(edges, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(fields_json + b"\0" + edges_json, digest_size=16).digest()
    return Encoded(fields_json, edges_json, digest)


@dataclass(slots=True)
class Change:
    """One version of one record: what a change set consists of."""

    type: str
    code: str
    version: int
    operation: str
    fields: dict[str, Any]
    edges: dict[str, Any]


@dataclass(slots=True)
class ChangeSet:
    """Changes that were committed together, at a position of the log."""

    position: int
    recorded_at: datetime
    changes: list[Change]


def instant_text(moment: datetime) -> str:
    """An instant as the stores keep it: `YYYY-MM-DDTHH:MM:SS.ffffffZ`, UTC, fixed width."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class NodeForm:
    """How the records of one type stand in the graph."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        own = entity.all_fields
        self._shapes = tuple(f.prop for f in own if f.type is ValueType.SHAPE)
        self._floats = tuple(f.prop for f in own if f.type is ValueType.FLOAT)
        self.points = tuple(f.prop for f in own if f.type is ValueType.POINT)

    def properties(self, change: Change, recorded_at: str) -> dict[str, Any]:
        """The node's properties; points are still `[x, y]` (see `points`), shapes are text."""
        properties = dict(change.fields)
        for prop in self._shapes:
            if prop in properties:
                text = orjson.dumps(properties[prop], option=orjson.OPT_SORT_KEYS)
                properties[prop] = text.decode()
        for prop in self._floats:
            if prop in properties:  # jsonb gives a whole number back without its fraction
                properties[prop] = float(properties[prop])
        properties["code"] = change.code
        properties["search_text"] = search_text(self.entity, properties)
        properties["version"] = change.version
        properties["recorded_at"] = recorded_at
        if change.operation == RETIRED:
            properties["retired_at"] = recorded_at
        return properties


def targets(entity: Entity, edges: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Every (edge property, target type, target code) that a document refers to."""
    found = []
    for edge in entity.edges:
        value = edges.get(edge.prop)
        if value is None:
            continue
        for code in value if edge.many else (value,):
            found.append((edge.prop, edge.target, code))
    return found


def told(fields: dict[str, Any], edges: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Fields and edges as the log keeps them, by the names the API has for them."""
    return {
        "fields": {camel(name): value for name, value in fields.items()},
        "edges": {camel(name): value for name, value in edges.items()},
    }
