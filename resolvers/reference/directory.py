"""Resolvers of the root fields that cross the types."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLUnionType

from resolvers.catalog import Entity
from resolvers.errors import BadInput
from resolvers.ids import read_id
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import Resolve
from resolvers.reference.paging import Key, Page, Pager
from resolvers.reference.records import Node
from resolvers.search import index_query, mark, words
from resolvers.shapes import check_point


def lookup(entity: Entity) -> Resolve:
    """One record by its code."""

    async def resolve(_: Any, info: Info, code: str) -> Node | None:
        context = context_of(info)
        context.may_read(entity.name)
        return await context.records.find(entity.name, code)

    return resolve


async def node(_: Any, info: Info, id: str) -> Node | None:
    """The record with this id."""
    return await _by_id(context_of(info), id)


async def nodes(_: Any, info: Info, ids: list[str]) -> list[Node | None]:
    """The records with these ids, null where there is none."""
    context = context_of(info)
    if len(ids) > context.limits.max_page:
        raise BadInput(f"nodes: at most {context.limits.max_page} ids at a time, not {len(ids)}")
    return [await _by_id(context, each) for each in ids]


async def _by_id(context: RequestContext, given: str) -> Node | None:
    type_name, code = read_id(given, context.catalog)
    if type_name not in context.rights.readable:
        return None
    return await context.records.find(type_name, code)


async def entities(_: Any, info: Info, representations: list[Any]) -> list[Node | None]:
    """The records that representations stand for, null where there is none."""
    context = context_of(info)
    union = info.schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType)
    types = tuple(kind.name for kind in union.types)
    context.rights.check_entities()
    found = []
    for each in representations:
        match each:
            case {"__typename": str(name), "code": str(code)} if name in types:
                context.may_read(name)
                found.append(await context.records.find(name, code))
            case _:
                raise BadInput("a representation is not of this subgraph, or lacks its key 'code'")
    return found


async def locate(_: Any, info: Info, code: str) -> list[Node]:
    """Every record with this code that the caller may read, by type."""
    context = context_of(info)
    found = await context.records.with_code(code)
    readable = [each for each in found if each.type in context.rights.readable]
    return sorted(readable, key=lambda each: each.type)


async def grid_at(_: Any, info: Info, longitude: float, latitude: float) -> Node | None:
    """The grid at a position."""
    context = context_of(info)
    context.may_read("Grid")
    placement = context.services.placement
    assert placement is not None
    placed = placement.place(*check_point(longitude, latitude, placement.bounds))
    return None if placed is None else await context.records.find("Grid", placed.grid_code)


class Hit:
    """One hit of a search."""

    def __init__(self, context: RequestContext, found: Node, score: float, text: str) -> None:
        self.node = found
        self.score = score
        searched = [f for f in context.catalog[found.type].all_fields if f.search]
        self.matches = mark(words(text), [(f.name, found.get(f.prop)) for f in searched])


async def search(_: Any, info: Info, text: str, **args: Any) -> Page[Hit]:
    """What the full-text index finds and the caller may read, best first."""
    context = context_of(info)
    given = unwrapped(args)
    types, within = given.get("types"), given.get("within")
    hits: list[Hit] = []
    for found, score in await context.records.hits(index_query(text, None)):  # type: ignore[arg-type]
        if found.get("retired_at") is not None or found.type not in context.rights.readable:
            continue
        if types is not None and found.type not in types:
            continue
        if within is not None:
            above = await context.records.above(context.catalog, found)
            if not any(division.code in within for division in above):
                continue
        hits.append(Hit(context, found, score, text))
    keys: list[Key[Hit]] = [
        Key("-score", lambda hit: hit.score),
        Key("code", lambda hit: hit.node.code),
        Key("type", lambda hit: hit.node.type),
    ]
    return Pager(context.cursor_key, context.limits).page(hits, "search", keys, given)
