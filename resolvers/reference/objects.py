"""Resolvers of records: their values, their edges and what leads to them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import orjson
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from resolvers.catalog import Catalog, Chain, Edge, Entity, Field, Reverse, ValueType
from resolvers.ids import global_id
from resolvers.reference import changes_of, rows
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import Resolve, member
from resolvers.reference.matching import Matcher
from resolvers.reference.paging import Page, Pager, order_keys
from resolvers.reference.records import Node

TOP_LEVEL = 2
"""A path begins at the district."""


def record_resolvers(
    catalog: Catalog, entity: Entity, kind: GraphQLObjectType
) -> dict[str, Resolve]:
    """A resolver for every field of a type of record."""
    found: dict[str, Resolve] = {
        "id": lambda node, info: global_id(node.type, node.code),
        "path": path,
        "history": history,
    }
    for field in entity.all_fields:
        if field.name in kind.fields:
            found[field.name] = value(field, kind)
    for link in entity.links:
        found[link.name] = reference(link)
    for reverse in catalog.reverses[entity.name].values():
        found[reverse.name] = leading_here(entity, reverse)
    for name, row_reverse in catalog.row_reverses[entity.name].items():
        found[name] = rows.leading_here(row_reverse, f"{entity.name}.{name}")
    return {name: found[name] for name in kind.fields}


def value(field: Field, kind: GraphQLObjectType) -> Resolve:
    """A property; shapes are read from their text."""
    leaf = get_named_type(kind.fields[field.name].type)
    if field.type is ValueType.SHAPE:
        return lambda node, info: (
            None if node.get(field.prop) is None else orjson.loads(node.get(field.prop))
        )
    if isinstance(leaf, GraphQLEnumType):
        return lambda node, info: member(leaf, node.get(field.prop))
    return lambda node, info: node.get(field.prop)


def reference(link: Edge | Chain) -> Resolve:
    """The record at the far end of an edge, or the list of them."""

    async def resolve(node: Node, info: Info) -> Any:
        context = context_of(info)
        context.may_read(link.target)
        found = await context.records.at(context.catalog, node, link)
        if isinstance(link, Edge) and link.many:
            return found
        return found[0] if found else None

    return resolve


def leading_here(entity: Entity, reverse: Reverse) -> Resolve:
    """The records that lead to this one, as a connection."""

    async def resolve(node: Node, info: Info, **args: Any) -> Page[Node]:
        context = context_of(info)
        steps = context.catalog.steps(reverse.source, reverse.edge)
        owners = [reverse.source.name, *(target for _, target in steps[:-1])]
        here = [node]
        for (relationship, _), owner in reversed(list(zip(steps, owners, strict=True))):
            here = [
                each
                for far in here
                for each in await context.records.sources(far, relationship, owner)
            ]
        return await connection(
            context, reverse.source, f"{entity.name}.{reverse.name}", here, args
        )

    return resolve


def listing(entity: Entity) -> Resolve:
    """All records of a type, as a connection."""

    async def resolve(_: Any, info: Info, **args: Any) -> Page[Node]:
        context = context_of(info)
        found = await context.records.every(entity.name)
        return await connection(context, entity, f"Query.{entity.listing}", found, args)

    return resolve


async def connection(
    context: RequestContext, entity: Entity, name: str, found: list[Node], args: dict[str, Any]
) -> Page[Node]:
    """The page of a list of records that a connection's arguments ask for."""
    context.may_read(entity.name)
    given = unwrapped(args)
    if not given.get("includeRetired"):
        found = [node for node in found if node.get("retired_at") is None]
    matcher = Matcher(context.catalog, context.records)
    asked = given.get("filter")
    if asked is not None:
        found = [node for node in found if await matcher.matches(node, asked)]
    keys = order_keys(entity, given.get("orderBy"))
    list_name = f"{name}:{','.join(key.name for key in keys)}"
    return Pager(context.cursor_key, context.limits).page(found, list_name, keys, given)


async def path(node: Node, info: Info) -> list[Node]:
    """The divisions a record lies in, from the district down."""
    context = context_of(info)
    above = await context.records.above(context.catalog, node)
    levels = [(context.catalog[each.type].level or 0, each) for each in above]
    return [each for level, each in reversed(levels) if level >= TOP_LEVEL]


def history(node: Node, info: Info, **args: Any) -> Awaitable[Any]:
    """A record's changes."""
    return changes_of.history(context_of(info), node, args)
