"""Resolvers of rows: whole tables read, then filtered, ordered and counted in plain Python."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLSchema, get_named_type

from resolvers.assemble import EVENTS
from resolvers.catalog import Catalog, RowReverse, ValueType
from resolvers.params import Binding
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import Resolve, enum_of, member
from resolvers.reference.paging import Key, Page, Pager
from resolvers.reference.records import Node
from resolvers.row_matching import predicate
from resolvers.row_types import Reference, RowType

Doc = Mapping[str, Any]

STORED = """
select t.topic_id, array(select p.next_offset from event_positions p where p.epoch = t.epoch
                         order by p.partition) as offsets
from event_topics t order by t.epoch desc limit 1"""


@dataclass
class RowPage(Page[Doc]):
    """A page of rows, with the cursor to follow on from."""

    live: str = ""


def row_resolvers(schema: GraphQLSchema, catalog: Catalog) -> dict[str, Mapping[str, Resolve]]:
    """The resolvers of every type of row that a schema has, by type."""
    found: dict[str, Mapping[str, Resolve]] = {}
    for row in catalog.rows.values():
        kind = schema.type_map.get(row.name)
        if isinstance(kind, GraphQLObjectType):
            found[row.name] = {name: _field(row, kind, name) for name in kind.fields}
            found[f"{row.name}Connection"] = {
                "edges": lambda page, info: page.edges,
                "nodes": lambda page, info: page.nodes,
                "pageInfo": lambda page, info: page,
                "totalCount": lambda page, info: page.total,
                "liveCursor": lambda page, info: page.live,
            }
            found[f"{row.name}Edge"] = {
                "cursor": lambda edge, info: edge.cursor,
                "node": lambda edge, info: edge.node,
            }
    return found


def parts_of(kind: GraphQLObjectType) -> dict[str, Resolve]:
    """The resolvers of an object that is a mapping."""
    return {
        name: _value(name, get_named_type(field.type), False) for name, field in kind.fields.items()
    }


def row_roots(catalog: Catalog) -> dict[str, Resolve]:
    """The root fields of rows."""
    found: dict[str, Resolve] = {"eventStatistics": event_statistics}
    for row in catalog.rows.values():
        found[row.lookup] = _lookup(row)
        found[row.listing] = _listing(row, f"Query.{row.listing}", lambda _: lambda doc: True)
    return found


def leading_here(reverse: RowReverse, name: str) -> Resolve:
    """The rows that refer to a record, as a connection."""
    key = reverse.reference.name
    return _listing(reverse.source, name, lambda node: lambda doc: doc[key] == node.code)


def _field(row: RowType, kind: GraphQLObjectType, name: str) -> Resolve:
    reference = row.reference_by_name.get(name)
    if reference is not None:
        return _reference(reference)
    field = row.field_by_name.get(name)
    position = field is not None and field.type is ValueType.POINT
    return _value(name, get_named_type(kind.fields[name].type), position)


def _value(name: str, leaf: Any, position: bool) -> Resolve:
    if isinstance(leaf, GraphQLEnumType):
        return lambda doc, info: member(leaf, doc.get(name))
    if position:
        return lambda doc, info: None if doc.get(name) is None else SimpleNamespace(**doc[name])
    return lambda doc, info: doc.get(name)


def _reference(reference: Reference) -> Resolve:
    async def resolve(doc: Doc, info: Info) -> Node | None:
        context = context_of(info)
        context.may_read(reference.target)
        code = doc[reference.name]
        return None if code is None else await context.records.find(reference.target, code)

    return resolve


def _lookup(row: RowType) -> Resolve:
    async def resolve(_: Any, info: Info, id: str) -> Doc | None:
        context = context_of(info)
        context.may_read(row.name, "id")
        return next((doc for doc in await _all(context, row) if doc["id"] == id), None)

    return resolve


def _listing(row: RowType, name: str, narrow: Callable[[Any], Callable[[Doc], bool]]) -> Resolve:
    async def resolve(source: Any, info: Info, **args: Any) -> RowPage:
        context = context_of(info)
        context.may_read(row.name, "id")
        given = unwrapped(args)
        here = narrow(source)
        matches = predicate(row, given.get("filter"), _binding(context))
        found = [doc for doc in await _all(context, row) if here(doc) and matches(doc)]
        keys = _order_keys(row, given.get("orderBy"))
        list_name = f"{name}:{','.join(key.name for key in keys)}"
        page = Pager(context.cursor_key, context.limits).page(found, list_name, keys, given)
        live = await _live(context)
        return RowPage(page.edges, page.total, page.has_next, page.has_previous, live)

    return resolve


def _order_keys(row: RowType, asked: Any) -> list[Key[Doc]]:
    found: dict[str, Key[Doc]] = {}
    for name, direction in (pair for each in asked or () for pair in each.items()):
        found.setdefault(name, _key(row, name, direction == "DESC"))
    if not found:
        found[row.newest] = _key(row, row.newest, True)
    found["id"] = _key(row, "id", list(found.values())[-1].descending)
    return list(found.values())


def _key(row: RowType, name: str, descending: bool) -> Key[Doc]:
    sign = "-" if descending else ""
    return Key(sign + row.field_by_name[name].prop, lambda doc: doc[name])


async def _all(context: RequestContext, row: RowType) -> list[Doc]:
    text = f"select doc from {row.table}"  # noqa: S608 - the name is the catalogue's
    began = time.time_ns()
    rows = await context.services.postgres.fetch(text)
    context.statements.add("postgres", text, began)
    return [orjson.loads(each["doc"]) for each in rows]


async def _live(context: RequestContext) -> str:
    began = time.time_ns()
    row = await context.services.postgres.fetchrow(STORED)
    context.statements.add("postgres", STORED, began)
    topic_id, offsets = ("", []) if row is None else (row["topic_id"], row["offsets"])
    return context.cursor_key.sign([EVENTS, topic_id, offsets])


def _binding(context: RequestContext) -> Binding:
    services = context.services
    return Binding({}, context.rights, context.cursor_key, services.placement, services.zone)


async def event_statistics(_: Any, info: Info, **args: Any) -> list[dict[str, Any]]:
    """Events counted by what they have in common, the largest group first."""
    context = context_of(info)
    context.may_read("Event", "statistics")
    given = unwrapped(args)
    row = context.catalog.rows["Event"]
    matches = predicate(row, given.get("filter"), _binding(context))
    by = list(dict.fromkeys(given["by"]))
    counts: Counter[tuple[str | None, ...]] = Counter()
    verdicts: Counter[tuple[tuple[str | None, ...], str | None]] = Counter()
    for doc in await _all(context, row):
        if matches(doc):
            group = tuple(_common(doc, name, context.services.zone) for name in by)
            counts[group] += 1
            verdicts[group, doc["verdict"]] += 1
    names = enum_of(info, "EventsBy")
    answer = []
    for group, count in sorted(
        counts.items(), key=lambda x: (-x[1], [(value is None, value) for value in x[0]])
    ):
        yes, no = verdicts[group, "CONFIRMED"], verdicts[group, "REJECTED"]
        keys = [
            {"by": member(names, name), "value": value, "name": await _name(context, name, value)}
            for name, value in zip(by, group, strict=True)
        ]
        answer.append(
            {
                "keys": keys,
                "count": count,
                "confirmed": yes,
                "rejected": no,
                "precision": yes / (yes + no) if yes + no else None,
            }
        )
    return answer


def _common(doc: Doc, by: str, zone: str) -> str | None:
    if by in ("HOUR", "DAY", "HOUR_OF_DAY"):
        at = datetime.fromisoformat(doc["openedAt"]).astimezone(ZoneInfo(zone))
        return at.strftime({"HOUR": "%Y-%m-%dT%H", "DAY": "%Y-%m-%d", "HOUR_OF_DAY": "%H"}[by])
    if by in ("SUBDISTRICT", "COMMUNITY"):
        at_level = {"SUBDISTRICT": 1, "COMMUNITY": 2}[by]
        return doc["path"][at_level] if len(doc["path"]) > at_level else None
    value: str | None = doc[by.lower()]
    return value


async def _name(context: RequestContext, by: str, code: str | None) -> str | None:
    if code is None or by.title() not in context.catalog:
        return None
    node = await context.records.find(by.title(), code)
    name: str | None = None if node is None else node.get("name")
    return name


async def review_event(_: Any, info: Info, input: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict on an event."""
    given = unwrapped(input)
    context = context_of(info)
    context.rights.check_write()
    done = await context.services.reviews.review(
        given["id"],
        given["verdict"],
        given.get("note"),
        caller=context.rights.caller,
        client_mutation_id=given.get("clientMutationId"),
    )
    return {
        "event": done.doc,
        "status": "STORED" if done.stored else "ACCEPTED",
        "clientMutationId": given.get("clientMutationId"),
    }
