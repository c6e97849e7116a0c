"""What the sender of webhooks reads and writes: positions, deliveries made, tried and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from resolvers.stores.postgres import Connection, Postgres

ACTIVE = """
select id, url, filter, roles, department, owner, secret, old_secret, old_secret_until, epoch,
       offsets, revision, failing_since
from webhooks where state = 'ACTIVE'"""

REVISIONS = "select id, revision from webhooks where state = 'ACTIVE'"

WAITING = """
select webhook, count(*) from webhook_deliveries where state = 'PENDING' group by webhook"""

EPOCHS = "select epoch, topic_id from event_topics order by epoch"

HOLD = """
select id from webhooks
where (id, revision) in (select * from unnest($1::text[], $2::bigint[])) and state = 'ACTIVE'
order by id for no key update"""

MOVE = "update webhooks set epoch = $2, offsets = $3 where id = any ($1::text[])"

ADD = """
insert into webhook_deliveries as d
    (webhook, epoch, partition, topic_offset, recorded_at, offsets, camera, event, version, phase,
     has_left)
select r.webhook, r.epoch, r.partition, r.topic_offset, r.recorded_at, r.offsets::bigint[],
       r.camera, r.event, r.version, r.phase, r.has_left
from unnest($1::text[], $2::smallint[], $3::smallint[], $4::bigint[], $5::timestamptz[],
            $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::bool[])
     as r (webhook, epoch, partition, topic_offset, recorded_at, offsets, camera, event, version,
           phase, has_left)
on conflict (webhook, epoch, partition, topic_offset) do update
set state = 'PENDING', attempts = 0, since = clock_timestamp(), next_at = clock_timestamp(),
    has_left = excluded.has_left, ended_at = null
where d.state <> 'PENDING'"""

DUE = """
with waiting as (
    select *, row_number() over w as place, first_value(next_at) over w as due
    from webhook_deliveries
    where webhook = $1 and state = 'PENDING' and camera <> all ($2::text[])
    window w as (partition by camera order by epoch, topic_offset))
select w.epoch, w.partition, w.topic_offset, w.offsets, w.camera, w.event, w.version, w.phase,
       w.has_left, w.attempts, w.since, v.doc::text as doc, t.topic_id
from waiting w
join event_topics t using (epoch)
left join event_versions v on v.epoch = w.epoch and v.partition = w.partition
     and v.topic_offset = w.topic_offset and v.recorded_at = w.recorded_at
where w.place <= $3 and w.due <= clock_timestamp()
order by w.epoch, w.topic_offset limit $4"""

NEXT_DUE = """
select extract(epoch from min(due) - clock_timestamp())::float8 from (
    select distinct on (camera) next_at as due from webhook_deliveries
    where webhook = $1 and state = 'PENDING' and camera <> all ($2::text[])
    order by camera, epoch, topic_offset) heads"""

ENDED = """
update webhook_deliveries
set state = $6, attempts = $5 + 1, status = $7, error = $8, milliseconds = $9,
    ended_at = clock_timestamp()
where webhook = $1 and epoch = $2 and partition = $3 and topic_offset = $4
  and state = 'PENDING' and (attempts = $5 or $6 = 'DELIVERED')"""

AGAIN = """
update webhook_deliveries
set attempts = $5 + 1, next_at = clock_timestamp() + make_interval(secs => $6), status = $7,
    error = $8, milliseconds = $9
where webhook = $1 and epoch = $2 and partition = $3 and topic_offset = $4
  and state = 'PENDING' and attempts = $5"""

EXPIRED = "select $1::timestamptz < clock_timestamp() - make_interval(secs => $2)"

FAILING = """
update webhooks set failing_since = clock_timestamp() where id = $1 and failing_since is null"""
WORKING = "update webhooks set failing_since = null where id = $1 and failing_since is not null"

AT_ONCE = """
update webhook_deliveries set next_at = clock_timestamp()
where webhook = $1 and state = 'PENDING' and next_at > clock_timestamp()"""

STOP = """
update webhooks set state = $3, reason = $4, revision = revision + 1, updated_at = clock_timestamp()
where id = $1 and revision = $2 and state = 'ACTIVE'"""

STOP_FAILING = """
update webhooks set state = 'PAUSED', revision = revision + 1, updated_at = clock_timestamp(),
    reason = format('nothing was delivered since %s, and %s deliveries wait: set the state to '
        'ACTIVE when the receiver works again; nothing is lost', failing_since, $3::int)
where id = $1 and state = 'ACTIVE'
  and failing_since < clock_timestamp() - make_interval(secs => $2)"""

FORGET = """
delete from webhook_deliveries where ctid in (
    select ctid from webhook_deliveries
    where state <> 'PENDING' and ended_at < clock_timestamp() - make_interval(days => $1)
    limit 5000)"""


@dataclass(frozen=True, slots=True)
class Key:
    """Names one delivery: the webhook, and where its version stands on the topic."""

    webhook: str
    epoch: int
    partition: int
    offset: int


async def active(source: Postgres | Connection) -> list[asyncpg.Record]:
    """All webhooks that versions are sent to."""
    return await source.fetch(ACTIVE)


async def revisions(postgres: Postgres) -> dict[str, int]:
    """Their revisions, by id."""
    return {row[0]: row[1] for row in await postgres.fetch(REVISIONS)}


async def waiting(postgres: Postgres) -> dict[str, int]:
    """How many deliveries wait, by webhook."""
    return {row[0]: row[1] for row in await postgres.fetch(WAITING)}


async def epochs(postgres: Postgres) -> list[tuple[int, str]]:
    """All epochs in order, with Kafka's ids of their topics."""
    return [(row[0], row[1]) for row in await postgres.fetch(EPOCHS)]


async def enqueue(
    postgres: Postgres,
    held: Sequence[tuple[str, int]],
    rows: Sequence[tuple[Any, ...]],
    epoch: int,
    offsets: Sequence[int],
) -> set[str]:
    """Add deliveries (rows of ADD) and move their webhooks' position, in one transaction.

    `held` are (webhook, revision); one that was changed meanwhile gets nothing. Returns the others.
    """
    ids = [each[0] for each in held]
    async with postgres.acquire() as connection, connection.transaction():
        found = await connection.fetch(HOLD, ids, [each[1] for each in held])
        same = {row[0] for row in found}
        kept = [row for row in rows if row[0] in same]
        if kept:
            await connection.execute(ADD, *map(list, zip(*kept, strict=True)))
        await connection.execute(MOVE, list(same), epoch, list(offsets))
    return same


async def due(
    postgres: Postgres, webhook: str, busy: Sequence[str], each: int, most: int
) -> list[asyncpg.Record]:
    """What is due, at most `each` of a camera, but of busy ones none; in order per camera."""
    return await postgres.fetch(DUE, webhook, list(busy), each, most)


async def next_due(postgres: Postgres, webhook: str, busy: Sequence[str]) -> float | None:
    """Seconds until the next of such cameras is due; None where nothing waits."""
    seconds: float | None = await postgres.fetchval(NEXT_DUE, webhook, list(busy))
    return seconds


async def end(
    postgres: Postgres,
    key: Key,
    attempts: int,
    state: str,
    told: tuple[int | None, str | None, int | None],
) -> bool:
    """End a delivery as DELIVERED or PARKED; False where somebody else did something with it.

    `told` is the last attempt's status, error and milliseconds.
    """
    status: str = await postgres.execute(ENDED, *_place(key), attempts, state, *told)
    return status.endswith(" 1")


async def again(
    postgres: Postgres,
    key: Key,
    attempts: int,
    seconds: float,
    told: tuple[int | None, str | None, int | None],
) -> bool:
    """Let a delivery wait for its next attempt; False as with `end`."""
    status: str = await postgres.execute(AGAIN, *_place(key), attempts, seconds, *told)
    return status.endswith(" 1")


async def expired(postgres: Postgres, since: datetime, seconds: float) -> bool:
    """Whether this is longer ago, by the clock of the database alone."""
    found: bool = await postgres.fetchval(EXPIRED, since, seconds)
    return found


async def note_failing(postgres: Postgres, webhook: str) -> None:
    """Remember since when nothing was delivered."""
    await postgres.execute(FAILING, webhook)


async def note_working(postgres: Postgres, webhook: str) -> None:
    """Forget that nothing was delivered."""
    await postgres.execute(WORKING, webhook)


async def at_once(postgres: Postgres, webhook: str) -> None:
    """Let all that waits for another attempt be tried now."""
    await postgres.execute(AT_ONCE, webhook)


async def stop(postgres: Postgres, webhook: str, revision: int, state: str, reason: str) -> None:
    """Pause or disable a webhook, unless people have changed it since that revision."""
    await postgres.execute(STOP, webhook, revision, state, reason)


async def stop_failing(postgres: Postgres, webhook: str, seconds: float, count: int) -> None:
    """Pause a webhook to which nothing was delivered for so long, and so many wait."""
    await postgres.execute(STOP_FAILING, webhook, seconds, count)


async def forget(postgres: Postgres, days: int) -> int:
    """Delete some deliveries that ended longer ago; how many."""
    status: str = await postgres.execute(FORGET, days)
    return int(status.rpartition(" ")[2])


def _place(key: Key) -> tuple[str, int, int, int]:
    return key.webhook, key.epoch, key.partition, key.offset
