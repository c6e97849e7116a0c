"""Resolvers of `createX`, `updateX` and `retireX`, and of their payloads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resolvers.catalog import Catalog, Entity
from resolvers.changes import Changed, Changes
from resolvers.document import Change, instant_text
from resolvers.errors import Internal, StoreUnavailable
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import Resolve, enum_of, member
from resolvers.reference.records import Node, logged_node
from resolvers.reference.rows import review_event
from resolvers.reference.webhooks import WEBHOOK_MUTATIONS

VERSION = """
select v.version, v.operation, v.recorded_at, v.fields, v.edges
from entity_versions v where v.type = $1 and v.code = $2 and v.version = $3"""
"""One version of one record."""

LOGGED = "LOGGED"


@dataclass(frozen=True)
class Payload:
    """What a mutation answers."""

    changed: Changed
    client_mutation_id: str | None


def mutation_resolvers(catalog: Catalog) -> Mapping[str, Resolve]:
    """A resolver for every mutation."""
    found: dict[str, Resolve] = {"reviewEvent": review_event, **WEBHOOK_MUTATIONS}
    for entity in catalog:
        found[f"create{entity.name}"] = _create(entity)
        found[f"update{entity.name}"] = _update(entity)
        found[f"retire{entity.name}"] = _retire(entity)
    return found


def _create(entity: Entity) -> Resolve:
    async def resolve(_: Any, info: Info, input: Mapping[str, Any]) -> Payload:
        given = unwrapped(input)
        context, changes, common = _command(info, given)
        done = await changes.create(
            entity, given["code"], *_document(entity, given), caller=context.rights.caller, **common
        )
        return Payload(done, common["client_mutation_id"])

    return resolve


def _update(entity: Entity) -> Resolve:
    async def resolve(_: Any, info: Info, input: Mapping[str, Any]) -> Payload:
        given = unwrapped(input)
        context, changes, common = _command(info, given)
        done = await changes.update(
            entity,
            given["code"],
            *_document(entity, given),
            expected_version=given["expectedVersion"],
            caller=context.rights.caller,
            **common,
        )
        return Payload(done, common["client_mutation_id"])

    return resolve


def _retire(entity: Entity) -> Resolve:
    async def resolve(_: Any, info: Info, input: Mapping[str, Any]) -> Payload:
        given = unwrapped(input)
        context, changes, common = _command(info, given)
        done = await changes.retire(
            entity,
            given["code"],
            expected_version=given["expectedVersion"],
            caller=context.rights.caller,
            **common,
        )
        return Payload(done, common["client_mutation_id"])

    return resolve


def _command(
    info: Info, given: Mapping[str, Any]
) -> tuple[RequestContext, Changes, dict[str, Any]]:
    """The commands, after the caller's right to use them, and what all of them take."""
    context = context_of(info)
    context.rights.check_write()
    changes = context.services.changes
    if changes is None:
        raise Internal("this hub was started without the commands behind mutations")
    common = {"reason": given.get("reason"), "client_mutation_id": given.get("clientMutationId")}
    return context, changes, common


def _document(entity: Entity, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields and edges by their names in the log: what was left out is absent, null is None."""
    fields = {f.prop: given[f.name] for f in entity.all_fields if f.name in given}
    edges = {edge.prop: given[edge.name] for edge in entity.edges if edge.name in given}
    del fields["code"]
    return fields, edges


def payload_resolvers(entity: Entity) -> Mapping[str, Resolve]:
    """The resolvers of a payload."""
    return {
        entity.lookup: _changed_record,
        "version": lambda payload, info: payload.changed.version,
        "position": lambda payload, info: payload.changed.position,
        "status": lambda payload, info: member(
            enum_of(info, "WriteStatus"), payload.changed.status
        ),
        "clientMutationId": lambda payload, info: payload.client_mutation_id,
    }


async def _changed_record(payload: Payload, info: Info) -> Node:
    """The record from the graph, or, where the graph has not followed, as the log has it."""
    context, changed = context_of(info), payload.changed
    if changed.status != LOGGED:
        try:
            found = await context.records.find(changed.type, changed.code)
        except StoreUnavailable:
            found = None
        if found is not None:
            return found
    began = time.time_ns()
    row = await context.services.postgres.fetchrow(
        VERSION, changed.type, changed.code, changed.version
    )
    context.statements.add("postgres", VERSION, began)
    assert row is not None
    change = Change(
        changed.type, changed.code, row["version"], row["operation"], row["fields"], row["edges"]
    )
    return logged_node(context.catalog[changed.type], change, instant_text(row["recorded_at"]))
