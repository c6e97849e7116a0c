"""Puts the resolvers on a schema's fields."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from resolvers.catalog import Catalog
from resolvers.reference import counting, directory, objects, rows, webhooks
from resolvers.reference.enums import Resolve, enum_of, member
from resolvers.reference.mutations import mutation_resolvers, payload_resolvers

PLAIN = (
    "Evidence",
    "EventStatistic",
    "EventStatisticKey",
    "EventDelivery",
    "ReviewEventPayload",
    "GraphChange",
    "GraphChangeDelivery",
)
"""Object types whose values are mappings by field."""


def attach(schema: GraphQLSchema, catalog: Catalog, sdl: str = "") -> None:
    """Make a schema executable: every field of every object gets its resolver. Safe to repeat.

    A subgraph's schema has a part of the types, and tells its `sdl` to who composes it.
    """
    for name in ("Record", "_Entity"):
        abstract = schema.type_map.get(name)
        if isinstance(abstract, GraphQLInterfaceType | GraphQLUnionType):
            abstract.resolve_type = lambda node, info, kind: node.type
    for name, resolvers in _all(schema, catalog, sdl).items():
        kind = schema.type_map.get(name)
        if kind is None:
            continue
        assert isinstance(kind, GraphQLObjectType)
        kind.is_type_of = None
        for field_name, field in kind.fields.items():
            field.resolve = resolvers[field_name]


def _all(schema: GraphQLSchema, catalog: Catalog, sdl: str) -> dict[str, Mapping[str, Resolve]]:
    found: dict[str, Mapping[str, Resolve]] = {
        "Query": _roots(catalog, sdl),
        "_Service": {"sdl": lambda _, info: sdl},
        "Mutation": mutation_resolvers(catalog),
        "Position": _by(attrgetter, longitude="longitude", latitude="latitude"),
        "PageInfo": _by(
            attrgetter,
            hasNextPage="has_next",
            hasPreviousPage="has_previous",
            startCursor="start",
            endCursor="end",
        ),
        "Change": _change(),
        "SearchEdge": {
            "cursor": _get(attrgetter("cursor")),
            "node": _get(attrgetter("node.node")),
            "score": _get(attrgetter("node.score")),
            "matches": _get(attrgetter("node.matches")),
        },
        "SearchMatch": _by(itemgetter, field="field", parts="parts"),
        "TextPart": _by(itemgetter, text="text", matched="matched"),
        "Statistic": _by(itemgetter, keys="keys", count="count"),
        "StatisticKey": _by(itemgetter, by="by", value="value", name="name"),
    }
    found["SearchConnection"] = {
        **_connection(),
        "nodes": lambda page, info: [hit.node for hit in page.nodes],
    }
    for name in ("Change", *catalog.entities):
        found[f"{name}Connection"] = _connection()
        found[f"{name}Edge"] = _by(attrgetter, cursor="cursor", node="node")
    found.update(rows.row_resolvers(schema, catalog))
    for name in PLAIN:
        plain = schema.type_map.get(name)
        if isinstance(plain, GraphQLObjectType):
            found[name] = rows.parts_of(plain)
    found.update(webhooks.object_resolvers(schema))
    root = schema.subscription_type
    if root is not None:  # followed by hub.delivery; graphql-core never runs one
        found[root.name] = dict.fromkeys(root.fields, lambda _, info: None)
    for entity in catalog:
        kind = schema.type_map.get(entity.name)
        if kind is None:
            continue
        assert isinstance(kind, GraphQLObjectType)
        found[entity.name] = objects.record_resolvers(catalog, entity, kind)
        found[f"{entity.name}Payload"] = payload_resolvers(entity)
    return found


def _roots(catalog: Catalog, sdl: str) -> dict[str, Resolve]:
    return {
        "_service": lambda _, info: {},
        "_entities": directory.entities,
        "node": directory.node,
        "nodes": directory.nodes,
        "locate": directory.locate,
        "gridAt": directory.grid_at,
        "search": directory.search,
        "statistics": counting.statistics,
        **{entity.lookup: directory.lookup(entity) for entity in catalog},
        **{entity.listing: objects.listing(entity) for entity in catalog},
        **rows.row_roots(catalog),
        **webhooks.QUERIES,
    }


def _connection() -> dict[str, Resolve]:
    return {
        "pageInfo": lambda page, info: page,
        **_by(attrgetter, edges="edges", nodes="nodes", totalCount="total"),
    }


def _change() -> dict[str, Resolve]:
    names = ("position", "version", "recordedAt", "actor", "source", "reason", "before", "after")
    return {
        **{name: _get(itemgetter(name)) for name in names},
        "operation": lambda change, info: member(
            enum_of(info, "ChangeOperation"), change["operation"]
        ),
    }


def _by(getter: Any, **names: str) -> dict[str, Resolve]:
    return {name: _get(getter(there)) for name, there in names.items()}


def _get(getter: Any) -> Resolve:
    return lambda source, info: getter(source)
