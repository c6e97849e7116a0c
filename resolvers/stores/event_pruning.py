"""Removing old versions and events from PostgreSQL, as the owner of the tables.

Whatever is removed, `event_positions.first_offset` moves past it in the same transaction, so that a
cursor that stands before it expires and is never silently short of an event. Offsets and times of
record need not run in step (clocks jump): the offset moves past the last version that goes, and
a younger version before it stays stored, though no cursor reaches it any more.

A reader must look at `first_offset` *after* it has read versions, or hold a lock on
`event_versions` from before its snapshot: dropping a partition is not seen through snapshots.

Locks are taken in the order in which the writer takes them: positions, then versions.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from resolvers.stores.outage import postgres_outage

MONTHS = """
select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds,
       pg_total_relation_size(c.oid) as bytes
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'event_versions'::regclass order by c.relname"""

VERSIONS_BEFORE = "select count(*) from event_versions where recorded_at < $1"

EVENTS_BEFORE = "select count(*) from events where status = 'CLOSED' and recorded_at < $1"

HOLD = "select from event_positions order by epoch, partition for no key update"

MOVE_PAST_MONTH = """
update event_positions p set first_offset = greatest(p.first_offset, g.next)
from (select epoch, partition, max(topic_offset) + 1 as next, count(*) as versions
      from {month} group by epoch, partition) g
where p.epoch = g.epoch and p.partition = g.partition
returning g.versions"""

REMOVE_VERSIONS = """
with gone as materialized (
    select epoch, partition, topic_offset, recorded_at from event_versions
    where recorded_at < $1 order by epoch, partition, topic_offset limit $2
), passed as (
    update event_positions p set first_offset = greatest(p.first_offset, g.next)
    from (select epoch, partition, max(topic_offset) + 1 as next from gone
          group by epoch, partition) g
    where p.epoch = g.epoch and p.partition = g.partition
), removed as (
    delete from event_versions v using gone g
    where v.epoch = g.epoch and v.partition = g.partition
      and v.topic_offset = g.topic_offset and v.recorded_at = g.recorded_at
)
select count(*) from gone"""

REMOVE_EVENTS = """
with gone as materialized (
    select id from events where status = 'CLOSED' and recorded_at < $1 order by id limit $2
), removed as (
    delete from events e using gone g where e.id = g.id
)
select count(*) from gone"""

BOUNDS = re.compile(r"FROM \('([^']+)'\) TO \('([^']+)'\)")
BATCH = 5_000
TRIES = 20
LOCK_TIMEOUT = "2s"
BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class Busy(Exception):
    """Others kept the table locked; what was removed so far is removed."""


@dataclass(frozen=True)
class Month:
    """A partition of `event_versions`: its name, when it ends, and its size in bytes."""

    name: str
    ends: datetime
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What pruning before an instant would remove."""

    before: datetime
    months: list[Month]
    """Those that go as a whole."""
    versions: int
    events: int


@asynccontextmanager
async def pruning(owner_dsn: str) -> AsyncIterator[Pruning]:
    """A connection as the owner for the length of the block. Raises StoreUnavailable."""
    with postgres_outage():
        settings = {"timezone": "UTC", "lock_timeout": LOCK_TIMEOUT}
        connection = await asyncpg.connect(owner_dsn, server_settings=settings)
        try:
            yield Pruning(connection)
        finally:
            await connection.close()


class Pruning:
    """The statements of pruning on one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def plan(self, before: datetime) -> Plan:
        """What is older than `before`."""
        months = []
        for row in await self._connection.fetch(MONTHS):
            bounds = BOUNDS.search(row["bounds"])
            ends = datetime.fromisoformat(bounds[2]) if bounds else None
            if ends is not None and ends <= before:
                months.append(Month(row["name"], ends, row["bytes"]))
        versions = await self._connection.fetchval(VERSIONS_BEFORE, before)
        events = await self._connection.fetchval(EVENTS_BEFORE, before)
        return Plan(before, months, versions, events)

    async def drop(self, month: Month) -> int:
        """Remove a month; gives the versions it held. Raises Busy."""
        name = '"' + month.name.replace('"', '""') + '"'

        async def run() -> int:
            await self._connection.execute(HOLD)
            rows = await self._connection.fetch(MOVE_PAST_MONTH.format(month=name))
            await self._connection.execute(f"drop table {name}")
            return sum(row["versions"] for row in rows)

        return await self._held(run)

    async def remove_versions(self, before: datetime, most: int = BATCH) -> int:
        """Remove some of the versions recorded before; 0 when none is left. Raises Busy."""
        return await self._some(REMOVE_VERSIONS, before, most)

    async def remove_events(self, before: datetime, most: int = BATCH) -> int:
        """Remove some of the events that ended and were last recorded before. Raises Busy."""
        return await self._some(REMOVE_EVENTS, before, most)

    async def _some(self, statement: str, before: datetime, most: int) -> int:
        async def run() -> int:
            await self._connection.execute(HOLD)
            return int(await self._connection.fetchval(statement, before, most))

        return await self._held(run)

    async def _held(self, run: Callable[[], Awaitable[int]]) -> int:
        for _ in range(TRIES):
            try:
                async with self._connection.transaction():
                    return await run()
            except BUSY:
                await asyncio.sleep(0.5)
        raise Busy
