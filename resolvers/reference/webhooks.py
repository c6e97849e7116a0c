"""Resolvers of webhooks; the work is done by `Services.webhooks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from graphql import GraphQLObjectType, GraphQLSchema

from resolvers.document import instant_text
from resolvers.errors import BadInput, Internal, PageSizeInvalid
from resolvers.events import EVENT
from resolvers.filter_size import FilterSize
from resolvers.params import Binding, Params
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import Resolve, enum_of, member
from resolvers.reference.paging import Entry, Key, Pager
from resolvers.reference.rows import parts_of
from resolvers.sql import SqlFilterWriter

Row = Mapping[str, Any]
Given = Mapping[str, Any]

PLAIN = (
    "WebhookPayload",
    "DeleteWebhookPayload",
    "PingWebhookPayload",
    "ReplayWebhookPayload",
)
WEBHOOK_KEYS: list[Key[Row]] = [
    Key("-created", lambda row: instant_text(row["created_at"])),
    Key("id", lambda row: row["id"]),
]
MAX_MUTATION_ID = 200


@dataclass(frozen=True)
class DeliveryPage:
    """A page of a webhook's log; the whole is counted only when asked for."""

    webhook: str
    state: str | None
    edges: list[Entry[Row]]
    has_next: bool
    has_previous: bool

    @property
    def start(self) -> str | None:
        return self.edges[0].cursor if self.edges else None

    @property
    def end(self) -> str | None:
        return self.edges[-1].cursor if self.edges else None


def object_resolvers(schema: GraphQLSchema) -> dict[str, Mapping[str, Resolve]]:
    """The resolvers of every object of webhooks that a schema has."""
    found: dict[str, Mapping[str, Resolve]] = {
        "Webhook": WEBHOOK,
        "WebhookDelivery": DELIVERY,
        "WebhookConnection": _connection(lambda page, info: page.total),
        "WebhookDeliveryConnection": _connection(_count),
        "WebhookEdge": EDGE,
        "WebhookDeliveryEdge": EDGE,
    }
    for name in PLAIN:
        kind = schema.type_map.get(name)
        if isinstance(kind, GraphQLObjectType):
            found[name] = parts_of(kind)
    return {name: fields for name, fields in found.items() if name in schema.type_map}


def _commands(info: Info) -> tuple[RequestContext, Any]:
    context = context_of(info)
    context.rights.check_signed_in()
    if context.services.webhooks is None:
        raise Internal("this hub was started without webhooks")
    return context, context.services.webhooks


async def _webhook(_: Any, info: Info, id: str) -> Row | None:
    context, commands = _commands(info)
    found: Row | None = await commands.find(id, context.rights.caller)
    return found


async def _webhooks(_: Any, info: Info, **args: Any) -> Any:
    context, commands = _commands(info)
    rows = await commands.visible(context.rights.caller)
    pager = Pager(context.cursor_key, context.limits)
    return pager.page(rows, "Query.webhooks", WEBHOOK_KEYS, args)


async def _create(_: Any, info: Info, input: Given) -> Given:
    given, context, commands = _command(info, input)
    _check_filter(context, given.get("filter"))
    webhook, secret = await commands.create(given, context.rights.caller)
    return _answer(given, webhook=webhook, secret=secret)


async def _update(_: Any, info: Info, input: Given) -> Given:
    given, context, commands = _command(info, input)
    _check_filter(context, given.get("filter"))
    webhook, secret = await commands.update(given, context.rights.caller)
    return _answer(given, webhook=webhook, secret=secret)


async def _delete(_: Any, info: Info, input: Given) -> Given:
    given, context, commands = _command(info, input)
    await commands.delete(given["id"], context.rights.caller)
    return _answer(given, id=given["id"])


async def _ping(_: Any, info: Info, input: Given) -> Given:
    given, context, commands = _command(info, input)
    done = await commands.ping(given["id"], context.rights.caller)
    return _answer(
        given,
        delivered=done.delivered,
        status=done.status,
        milliseconds=done.milliseconds,
        error=done.error,
    )


async def _replay(_: Any, info: Info, input: Given) -> Given:
    given, context, commands = _command(info, input)
    place = None
    if given.get("after") is not None:
        topic_id, offsets = context.cursor_key.read(given["after"], "events", 2)
        place = (topic_id, offsets)
    webhook, unparked = await commands.replay(given["id"], place, context.rights.caller)
    return _answer(given, webhook=webhook, unparked=unparked)


QUERIES: Mapping[str, Resolve] = {"webhook": _webhook, "webhooks": _webhooks}

WEBHOOK_MUTATIONS: Mapping[str, Resolve] = {
    "createWebhook": _create,
    "updateWebhook": _update,
    "deleteWebhook": _delete,
    "pingWebhook": _ping,
    "replayWebhook": _replay,
}
"""Mutations of what belongs to the caller: they need no role."""


def _command(info: Info, input: Given) -> tuple[dict[str, Any], RequestContext, Any]:
    given = unwrapped(input)
    context, commands = _commands(info)
    context.may_read(EVENT.name, "id")
    if len(given.get("clientMutationId") or "") > MAX_MUTATION_ID:
        raise BadInput(f"clientMutationId has at most {MAX_MUTATION_ID} characters")
    return given, context, commands


def _answer(given: Given, **fields: Any) -> dict[str, Any]:
    return {**fields, "clientMutationId": given.get("clientMutationId")}


def _check_filter(context: RequestContext, given: Given | None) -> None:
    """Refuse what a query's filter would be refused for."""
    services = context.services
    writer = SqlFilterWriter(Params(), set(), FilterSize())
    writer.predicate(EVENT, given, "e")
    context.rights.check_read(writer.touched)
    binding = Binding({}, context.rights, context.cursor_key, services.placement, services.zone)
    for param in writer.params:
        param.bind(binding)


async def _deliveries(row: Row, info: Info, **args: Any) -> DeliveryPage:
    context, commands = _commands(info)
    given = unwrapped(args)
    size = context.limits.default_page if given.get("first") is None else given["first"]
    if not 0 <= size <= context.limits.max_page:
        raise PageSizeInvalid(
            f"a page holds 0 to {context.limits.max_page} records, not {size}",
            limit=context.limits.max_page,
        )
    state, after = given.get("state"), given.get("after")
    name = f"Webhook.deliveries:{row['id']}:{state or ''}"
    before = None if after is None else context.cursor_key.read(after, name, 1)[0]
    rows = await commands.log(row["id"], state, before, size + 1)
    edges = [Entry(each, context.cursor_key.sign([name, each["number"]])) for each in rows[:size]]
    return DeliveryPage(row["id"], state, edges, len(rows) > size, after is not None)


async def _count(page: DeliveryPage, info: Info) -> int:
    _, commands = _commands(info)
    count: int = await commands.log_size(page.webhook, page.state)
    return count


def _cursor(row: Row, info: Info) -> str | None:
    if row["topic_id"] is None:
        return None
    return context_of(info).cursor_key.sign(["events", row["topic_id"], list(row["reached"])])


def _connection(total: Resolve) -> Mapping[str, Resolve]:
    return {
        "edges": lambda page, info: page.edges,
        "nodes": lambda page, info: [edge.node for edge in page.edges],
        "pageInfo": lambda page, info: page,
        "totalCount": total,
    }


def _column(name: str) -> Resolve:
    return lambda row, info: row[name]


def _instant(name: str) -> Resolve:
    return lambda row, info: None if row[name] is None else instant_text(row[name])


def _enum(name: str, kind: str) -> Resolve:
    return lambda row, info: member(enum_of(info, kind), row[name])


EDGE: Mapping[str, Resolve] = {
    "cursor": lambda edge, info: edge.cursor,
    "node": lambda edge, info: edge.node,
}

WEBHOOK: Mapping[str, Resolve] = {
    **{name: _column(name) for name in ("id", "url", "reason", "owner", "department")},
    **{name: _column(name) for name in ("pending", "parked")},
    "filter": lambda row, info: None if row["filter"] is None else orjson.loads(row["filter"]),
    "state": _enum("state", "WebhookState"),
    "createdAt": _instant("created_at"),
    "updatedAt": _instant("updated_at"),
    "failingSince": _instant("failing_since"),
    "oldSecretUntil": _instant("old_secret_until"),
    "cursor": _cursor,
    "deliveries": _deliveries,
}

DELIVERY: Mapping[str, Resolve] = {
    **{name: _column(name) for name in ("version", "camera", "attempts", "status", "error")},
    "milliseconds": _column("milliseconds"),
    "eventId": _column("event"),
    "left": _column("has_left"),
    "phase": _enum("phase", "EventPhase"),
    "state": _enum("state", "WebhookDeliveryState"),
    "createdAt": _instant("created_at"),
    "endedAt": _instant("ended_at"),
    "nextAt": lambda row, info: instant_text(row["next_at"]) if row["state"] == "PENDING" else None,
    "messageId": lambda row, info: message_id(
        row["webhook"], row["epoch"], row["partition"], row["topic_offset"]
    ),
}


def message_id(webhook: str, epoch: int, partition: int, offset: int) -> str:
    """The header `webhook-id`: the same for one version and one webhook, whenever it is sent."""
    text = f"{webhook}/{epoch}/{partition}/{offset}"
    return "msg_" + blake2b(text.encode(), digest_size=16).hexdigest()
