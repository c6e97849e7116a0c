"""The events in PostgreSQL: where the writer stands, storing versions, looking events up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from resolvers.stores.outage import postgres_outage
from resolvers.stores.postgres import Connection, Postgres

EPOCH = "select epoch, partitions from event_topics where topic_id = $1"

NEW_EPOCH = """
with made as (
    insert into event_topics (epoch, topic_id, partitions)
    select coalesce(max(epoch), 0) + 1, $1, $2 from event_topics
    returning epoch
)
insert into event_positions (epoch, partition, next_offset)
select epoch, p, 0 from made, generate_series(0, $2 - 1) as p
returning epoch"""

LATEST = "select epoch, topic_id, partitions from event_topics order by epoch desc limit 1"

POSITIONS = "select partition, next_offset from event_positions where epoch = $1 order by 1"

HELD = """
select partition, next_offset from event_positions
where epoch = $1 and partition = any ($2::smallint[]) order by 1 for no key update"""

ADVANCE = """
update event_positions p set next_offset = n.next_offset
from unnest($2::smallint[], $3::bigint[]) as n (partition, next_offset)
where p.epoch = $1 and p.partition = n.partition"""

MONTHS = "select event_month(at) from unnest($1::timestamptz[]) as at"

VERSIONS = """
insert into event_versions (epoch, partition, topic_offset, recorded_at, id, version, camera, type,
                            review_id, doc)
select $1, r.* from unnest($2::smallint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::int[],
                           $7::text[], $8::text[], $9::text[], $10::json[]) as r"""

UPSERT = """
insert into events (
    id, version, type, phase, status, camera, grid, venue, firm, path, zone, longitude, latitude,
    opened_at, updated_at, closed_at, recorded_at, confidence, verdict, reviewed_by, reviewed_at,
    rule, source, doc)
select id, version, type, phase, status, camera, grid, venue, firm,
       string_to_array(path, E'\\x1f'), zone, longitude, latitude, opened_at, updated_at, closed_at,
       recorded_at, confidence, verdict, reviewed_by, reviewed_at, rule, source, doc
from unnest(
    $1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::float8[], $13::float8[], $14::timestamptz[],
    $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::float8[], $19::text[],
    $20::text[], $21::timestamptz[], $22::text[], $23::text[], $24::json[]
) as r (id, version, type, phase, status, camera, grid, venue, firm, path, zone, longitude,
        latitude, opened_at, updated_at, closed_at, recorded_at, confidence, verdict, reviewed_by,
        reviewed_at, rule, source, doc)
on conflict (id) do update set
    version = excluded.version, type = excluded.type, phase = excluded.phase,
    status = excluded.status, camera = excluded.camera, grid = excluded.grid,
    venue = excluded.venue, firm = excluded.firm, path = excluded.path, zone = excluded.zone,
    longitude = excluded.longitude, latitude = excluded.latitude, opened_at = excluded.opened_at,
    updated_at = excluded.updated_at, closed_at = excluded.closed_at,
    recorded_at = excluded.recorded_at, confidence = excluded.confidence,
    verdict = excluded.verdict, reviewed_by = excluded.reviewed_by,
    reviewed_at = excluded.reviewed_at, rule = excluded.rule, source = excluded.source,
    doc = excluded.doc
where excluded.version > events.version"""

LOOK_UP = """
select e.id, e.doc, array(
    select v.review_id from event_versions v
    where v.id = e.id and v.review_id is not null order by v.version desc limit 100) as reviews, (
    select v.doc from event_versions v
    where v.id = e.id and v.review_id is null order by v.version desc limit 1) as told
from events e where e.id = any ($1::text[])"""

SOON = "set local transaction_timeout = '20s'"
SOON_SINCE = 17
"""The version of PostgreSQL that has this. A session that stands still between two messages of one
statement counts as busy, so that `postgres.SESSION` alone would leave it its locks."""

LATEST_BEGUN = "select max(opened_at) from events"

ROW = tuple[Any, ...]


@dataclass(frozen=True)
class Epoch:
    """A topic `events` that fed this store: its number here, Kafka's id of it, its partitions."""

    number: int
    topic_id: str
    partitions: int


@dataclass(frozen=True)
class StoredVector:
    """Up to where the versions of an epoch are stored: the next offset of each partition."""

    epoch: int
    topic_id: str
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class StoredEvent:
    """What an event's versions tell of it."""

    doc: str
    """JSON of the latest version."""
    told: str | None
    """JSON of the latest version that no review made; None where it was pruned."""
    reviews: tuple[str, ...]
    """Ids of its latest 100 reviews, oldest first."""


class Overtaken(Exception):
    """Another writer has stored these versions, or some of them, meanwhile."""


async def ensure_epoch(postgres: Postgres, topic_id: str, partitions: int) -> Epoch:
    """The epoch of a topic `events`, begun if this store has not seen it. Raises StoreUnavailable.

    Safe in several processes at once.
    """
    while True:
        row = await postgres.fetchrow(EPOCH, topic_id)
        if row is not None:
            return Epoch(row["epoch"], topic_id, row["partitions"])
        try:
            await postgres.fetch(NEW_EPOCH, topic_id, partitions)
        except asyncpg.UniqueViolationError:
            continue


async def stored_vector(source: Postgres | Connection) -> StoredVector | None:
    """Up to where the latest epoch is stored; None where nothing ever was.

    With a connection, in its transaction's snapshot. Raises StoreUnavailable with a Postgres.
    """
    row = await source.fetchrow(LATEST)
    if row is None:
        return None
    rows = await source.fetch(POSITIONS, row["epoch"])
    return StoredVector(row["epoch"], row["topic_id"], tuple(each["next_offset"] for each in rows))


async def positions(postgres: Postgres, epoch: int) -> dict[int, int]:
    """The next offset to store of each partition. Raises StoreUnavailable."""
    rows = await postgres.fetch(POSITIONS, epoch)
    return {row["partition"]: row["next_offset"] for row in rows}


@dataclass(frozen=True)
class StoredBatch:
    """Versions in columns, as the statements take them."""

    versions: Sequence[Sequence[Any]]
    """Columns of VERSIONS after the epoch."""
    events: Sequence[Sequence[Any]]
    """Columns of UPSERT: the newest version of each event, sorted by id."""
    months: Sequence[datetime]
    """An instant in each month that the versions were recorded in."""
    read: dict[int, tuple[int, int]]
    """By partition: the offset reading began at, and the one after the last version."""


async def store(postgres: Postgres, epoch: int, batch: StoredBatch) -> None:
    """Store versions, bring the events' state up to them and advance, in one transaction.

    Raises Overtaken where a partition is not where the batch begins (nothing is stored then), and
    StoreUnavailable.
    """
    partitions = sorted(batch.read)
    async with postgres.acquire() as connection, connection.transaction():
        if connection.get_server_version().major >= SOON_SINCE:
            await connection.execute(SOON)
        held = {row[0]: row[1] for row in await connection.fetch(HELD, epoch, partitions)}
        if any(held[p] != batch.read[p][0] for p in partitions):
            raise Overtaken
        await connection.fetch(MONTHS, batch.months)
        await connection.execute(VERSIONS, epoch, *batch.versions)
        await connection.execute(UPSERT, *batch.events)
        ends = [batch.read[p][1] for p in partitions]
        await connection.execute(ADVANCE, epoch, partitions, ends)


async def look_up(postgres: Postgres, ids: Sequence[str]) -> dict[str, StoredEvent]:
    """The stored events among these ids. Raises StoreUnavailable."""
    rows = await postgres.fetch(LOOK_UP, list(ids))
    return {
        row["id"]: StoredEvent(row["doc"], row["told"], tuple(reversed(row["reviews"])))
        for row in rows
    }


async def latest_begun(postgres: Postgres) -> datetime | None:
    """The latest beginning, in capture time, of any stored event. Raises StoreUnavailable."""
    with postgres_outage():
        found: datetime | None = await postgres.fetchval(LATEST_BEGUN)
        return found
