"""A record's changes, from all its versions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from resolvers.document import instant_text
from resolvers.reference.context import RequestContext
from resolvers.reference.paging import Key, Page, Pager
from resolvers.reference.records import Node

VERSIONS = """
select v.version, v.from_position, v.operation, v.recorded_at, v.fields, v.edges,
       s.actor, s.source, s.reason
from entity_versions v join change_sets s on s.position = v.from_position
where v.type = $1 and v.code = $2 order by v.version"""
"""All versions of one record, the first one first."""


async def history(
    context: RequestContext, node: Node, args: Mapping[str, Any]
) -> Page[dict[str, Any]]:
    """A page of a record's changes, newest first."""
    context.may_read(node.type, "history")
    began = time.time_ns()
    rows = await context.services.postgres.fetch(VERSIONS, node.type, node.code)
    context.statements.add("postgres", VERSIONS, began)
    entity = context.catalog[node.type]
    fields = {field.prop: field.name for field in entity.all_fields}
    edges = {edge.prop: edge.name for edge in entity.edges}
    changes: list[dict[str, Any]] = []
    for row in rows:
        document = {
            "fields": {fields[prop]: value for prop, value in row["fields"].items()},
            "edges": {edges[prop]: value for prop, value in row["edges"].items()},
        }
        changes.append(
            {
                "position": row["from_position"],
                "version": row["version"],
                "operation": row["operation"],
                "recordedAt": instant_text(row["recorded_at"]),
                "actor": row["actor"],
                "source": row["source"],
                "reason": row["reason"],
                "before": changes[-1]["after"] if changes else None,
                "after": document,
            }
        )
    pager = Pager(context.cursor_key, context.limits)
    newest: Key[dict[str, Any]] = Key("-version", lambda change: change["version"])
    return pager.page(changes, "history:-version", [newest], args)
