"""The change log in PostgreSQL: appending change sets, and reading them in order.

Positions are gapless and in commit order, because the lock on `change_head` is taken by the last
statement of a transaction and held until it commits. Nothing under that lock waits for another
lock: rows to be changed and rows referred to are locked beforehand (`lock`), and new keys are
inserted under it, so that a key taken meanwhile shows as a unique violation at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers.document import RETIRED, Change, ChangeSet, Encoded
from resolvers.stores.postgres import Connection, Postgres

CHANNEL = "change_sets"
"""PostgreSQL notifies here of every committed position."""

_OPEN = """
with head as (
    update change_head set position = position + 1 returning position
), opened as (
    insert into change_sets (position, recorded_at, actor, source, reason, agreement,
                             client_mutation_id, request_hash, answer, changes)
    select position, clock_timestamp(), $1, $2, $3, $4, $5, $6, $7, $8 from head
    returning position, recorded_at
), incoming as materialized (
    select * from unnest($9::text[], $10::text[], $11::int[], $12::text[], $13::bool[],
                         $14::jsonb[], $15::jsonb[], $16::bytea[])
        with ordinality as r(type, code, version, operation, retired, fields, edges, digest, n)
), made as (
    insert into entities (type, code, version, retired, digest)
    select r.type, r.code, 1, r.retired, r.digest from opened, incoming r where r.version = 1
), written as (
    insert into entity_versions (type, code, version, from_position, ordinal, operation,
                                 recorded_at, fields, edges)
    select r.type, r.code, r.version, opened.position, r.n, r.operation,
           opened.recorded_at, r.fields, r.edges
    from opened, incoming r order by r.n
)"""

_REPLACE = """, changed as (
    update entities e set version = r.version, retired = r.retired, digest = r.digest
    from opened, incoming r where r.version > 1 and e.type = r.type and e.code = r.code
), ended as (
    update entity_versions v set to_position = opened.position
    from opened, incoming r
    where r.version > 1 and v.type = r.type and v.code = r.code and v.version = r.version - 1
)"""

_ANSWER = """
select position, recorded_at, pg_notify('change_sets', position::text) from opened"""

APPEND_NEW = _OPEN + _ANSWER
"""Append records that are all new."""

APPEND = _OPEN + _REPLACE + _ANSWER
"""Append any changes."""

BY_INDEX = """
set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off
"""
"""Batches are small beside the tables, of whose growth the planner learns late."""

CURRENT = """
select e.type, e.code, e.version, e.retired, e.digest
from unnest($1::text[], $2::text[]) as k(type, code) join entities e using (type, code)"""

LOCK_CHANGED = CURRENT + " order by 1, 2 for no key update of e"
LOCK_RETIRED = CURRENT + " order by 1, 2 for update of e"
LOCK_TARGETS = CURRENT + " order by 1, 2 for key share of e"

DOCUMENTS = """
select v.type, v.code, v.version, v.fields, v.edges, v.from_position
from unnest($1::text[], $2::text[], $3::int[]) as k(type, code, version)
join entity_versions v using (type, code, version)"""

SETS_AFTER = """
select position, recorded_at, changes from change_sets
where position > $1 order by position limit 1000"""

VERSIONS_BETWEEN = """
select from_position, type, code, version, operation, fields, edges from entity_versions
where from_position > $1 and from_position <= $2 order by from_position, ordinal"""


@dataclass(frozen=True)
class SetInfo:
    """Who made a change set, from what and why."""

    actor: str
    source: str
    reason: str | None = None
    agreement: str | None = None
    client_mutation_id: str | None = None
    request_hash: bytes | None = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The row of a key that is taken."""

    version: int
    retired: bool
    digest: bytes


async def append(
    connection: Connection,
    info: SetInfo,
    changes: Sequence[Change],
    encoded: Sequence[Encoded],
) -> tuple[int, datetime]:
    """Append one change set; gives its position and time.

    It must be the last statement of a transaction in which the rows of all changed and referenced
    records are locked. Raises asyncpg.UniqueViolationError if a new key has been taken meanwhile,
    or the mutation's id: the transaction is lost then, and may be tried again from its start.
    """
    text = APPEND_NEW if all(change.version == 1 for change in changes) else APPEND
    row = await connection.fetchrow(
        text,
        info.actor,
        info.source,
        info.reason,
        info.agreement,
        info.client_mutation_id,
        info.request_hash,
        info.answer,
        len(changes),
        [change.type for change in changes],
        [change.code for change in changes],
        [change.version for change in changes],
        [change.operation for change in changes],
        [change.operation == RETIRED for change in changes],
        [item.fields for item in encoded],
        [item.edges for item in encoded],
        [item.digest for item in encoded],
    )
    assert row is not None
    return row["position"], row["recorded_at"]


async def lock(
    connection: Connection, statement: str, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Held]:
    """Run CURRENT or one of the LOCK_ statements; gives those of the (type, code) that exist."""
    listed = list(keys)
    if not listed:
        return {}
    rows = await connection.fetch(statement, [k[0] for k in listed], [k[1] for k in listed])
    return {(row[0], row[1]): Held(row[2], row[3], row[4]) for row in rows}


async def documents(
    connection: Connection, versions: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]]:
    """The (fields, edges) of given versions, by (type, code)."""
    if not versions:
        return {}
    keys = list(versions)
    rows = await connection.fetch(
        DOCUMENTS, [k[0] for k in keys], [k[1] for k in keys], list(versions.values())
    )
    return {(row["type"], row["code"]): (row["fields"], row["edges"]) for row in rows}


async def head(postgres: Postgres) -> int:
    """The position of the last committed change set; 0 for an empty log."""
    position: int = await postgres.fetchval("select position from change_head")
    return position


async def log_id(postgres: Postgres) -> str:
    """The name of this log, which a graph built from it carries."""
    name: str = await postgres.fetchval("select log_id::text from change_head")
    return name


async def read_sets(connection: Connection, after: int, *, max_rows: int = 5000) -> list[ChangeSet]:
    """The next change sets after a position, in order, with all their changes.

    At most `max_rows` changes together, but always the next set whole.
    """
    sets: list[ChangeSet] = []
    total = 0
    for row in await connection.fetch(SETS_AFTER, after):
        total += row["changes"]
        if sets and total > max_rows:
            break
        sets.append(ChangeSet(row["position"], row["recorded_at"], []))
    if not sets:
        return []
    by_position = {item.position: item.changes for item in sets}
    for row in await connection.fetch(VERSIONS_BETWEEN, after, sets[-1].position):
        by_position[row[0]].append(Change(*row[1:7]))
    return sets
