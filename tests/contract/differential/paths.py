"""Selections made up to reach a given field."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)

from resolvers.model import CATALOG

Composite = GraphQLObjectType | GraphQLInterfaceType


class Paths:
    """Ways from the root to the fields in `wanted` ((type, field) pairs)."""

    def __init__(self, schema: GraphQLSchema, random: Random, wanted: set[tuple[str, str]]) -> None:
        self.schema = schema
        self.random = random
        self.wanted = wanted

    def detour(self) -> list[SelectionNode]:
        """At times, the way to a type of which something was not reached yet."""
        r = self.random
        if not self.wanted or r.random() < 0.6:
            return []
        type_name, name = r.choice(sorted(self.wanted))
        wanted = self.schema.type_map[type_name]
        assert isinstance(wanted, GraphQLObjectType)
        bare = self.bare(wanted, name)
        if type_name in ("Query", "Position", "PageInfo"):
            return [bare] if type_name == "Query" else []
        if type_name in CATALOG:
            return [self.bare(self._type("Query"), CATALOG[type_name].lookup, bare)]
        if type_name.startswith("Statistic"):
            bare = (
                bare
                if type_name == "Statistic"
                else self.bare(self._type("Statistic"), "keys", bare)
            )
            return [self.bare(self._type("Query"), "statistics", bare)]
        if type_name in ("SearchMatch", "TextPart"):
            if type_name == "TextPart":
                bare = self.bare(self._type("SearchMatch"), "parts", bare)
            bare, type_name = self.bare(self._type("SearchEdge"), "matches", bare), "SearchEdge"
        if type_name == "Change":
            bare, type_name = (
                self.bare(self._type("ChangeConnection"), "nodes", bare),
                "ChangeConnection",
            )
        if type_name == "Evidence":
            bare, type_name = self.bare(self._type("Event"), "evidence", bare), "Event"
        if type_name == "EventStatisticKey":
            bare = self.bare(self._type("EventStatistic"), "keys", bare)
            type_name = "EventStatistic"
        if type_name == "EventStatistic":
            return [self.bare(self._type("Query"), "eventStatistics", bare)]
        if type_name in CATALOG.rows:
            bare = self.bare(self._type(f"{type_name}Connection"), "nodes", bare)
            type_name = f"{type_name}Connection"
        if type_name.endswith("Edge"):
            connection = type_name.removesuffix("Edge") + "Connection"
            bare, type_name = self.bare(self._type(connection), "edges", bare), connection
        of = type_name.removesuffix("Connection")
        if of == "Search":
            return [self.bare(self._type("Query"), "search", bare)]
        if of == "Change":
            entity = r.choice(list(CATALOG))
            bare = self.bare(self._type(entity.name), "history", bare)
            return [self.bare(self._type("Query"), entity.lookup, bare)]
        listed = CATALOG.rows[of] if of in CATALOG.rows else CATALOG[of]
        return [self.bare(self._type("Query"), listed.listing, bare)]

    def _type(self, name: str) -> GraphQLObjectType:
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def bare(self, kind: Composite, name: str, inside: FieldNode | None = None) -> FieldNode:
        """A field with the given selection below it, or some of what there is."""
        if inside is not None:
            return FieldNode(
                name=NameNode(value=name),
                arguments=(),
                directives=(),
                selection_set=SelectionSetNode(selections=(inside,)),
            )
        below = get_named_type(kind.fields[name].type)
        if is_leaf_type(below):
            return leaf(name)
        assert isinstance(below, GraphQLObjectType | GraphQLInterfaceType)
        leaves = [n for n, f in below.fields.items() if is_leaf_type(get_named_type(f.type))]
        count = len(leaves) if name == "pageInfo" else 1
        selections: list[SelectionNode] = [leaf(n) for n in leaves[:count]]
        for inner in ("nodes", "edges", "node", "parts"):
            if inner in below.fields:
                selections.append(self.bare(below, inner))
        return FieldNode(
            name=NameNode(value=name),
            arguments=(),
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(selections or [leaf("__typename")])),
        )


def leaf(name: str) -> FieldNode:
    """A field without anything below it."""
    return FieldNode(name=NameNode(value=name), arguments=(), directives=(), selection_set=None)


def inline(type_name: str, selections: Iterable[SelectionNode]) -> InlineFragmentNode:
    """An inline fragment on a type."""
    return InlineFragmentNode(
        type_condition=NamedTypeNode(name=NameNode(value=type_name)),
        directives=(),
        selection_set=SelectionSetNode(selections=tuple(selections)),
    )
