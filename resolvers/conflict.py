"""What two writers of one record see of each other's changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolvers.catalog import Entity
from resolvers.errors import Conflict
from resolvers.stores import change_log
from resolvers.stores.change_log import Held
from resolvers.stores.postgres import Connection

WHO = """
select s.actor from entity_versions v join change_sets s on s.position = v.from_position
where v.type = $1 and v.code = $2 and v.version = $3"""


def field_by_field(
    entity: Entity,
    base: Mapping[str, Any] | None,
    theirs: Mapping[str, Any],
    yours: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """Every field and edge (by its GraphQL name) that either side changed: base, theirs, yours.

    The maps hold fields and edges together; `yours` only what you sent. A `base` of None means
    that the version you named never was.
    """
    parts = {field.prop: field.name for field in entity.all_fields}
    parts |= {edge.prop: edge.name for edge in entity.edges}
    known = base or {}
    found = {}
    for prop, name in parts.items():
        before, now = known.get(prop), theirs.get(prop)
        wanted = yours.get(prop, before)
        if now != before or wanted != before:
            found[name] = {"base": before, "theirs": now, "yours": wanted}
    return found


async def conflict(
    connection: Connection,
    entity: Entity,
    code: str,
    held: Held,
    expected_version: int,
    yours: Mapping[str, Any],
) -> Conflict:
    """The error for a change that was made from another version than the record has."""
    key = (entity.name, code)
    now = (await change_log.documents(connection, {key: held.version}))[key]
    seen = (await change_log.documents(connection, {key: expected_version})).get(key)
    base = None if seen is None else {**seen[0], **seen[1]}
    actor = await connection.fetchval(WHO, *key, held.version)
    return Conflict(
        f"{entity.name} {code} is at version {held.version} (by {actor}); you changed version "
        f"{expected_version}: read it again and decide field by field",
        type=entity.name,
        recordCode=code,
        yourVersion=expected_version,
        theirVersion=held.version,
        theirActor=actor,
        fields=field_by_field(entity, base, {**now[0], **now[1]}, yours),
    )
