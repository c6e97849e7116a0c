"""The table of webhooks in PostgreSQL: what their owners read and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from resolvers.stores.postgres import Connection, Postgres

VISIBLE = """
select w.*, c.pending, c.parked, t.topic_id,
       array(select coalesce(least(m.waiting, w.offsets[s.at + 1]), 0)
             from generate_series(0, coalesce(t.partitions, 0) - 1) as s (at)
             left join lateral (
                 select min(d.topic_offset) as waiting from webhook_deliveries d
                 where d.webhook = w.id and d.state = 'PENDING' and d.epoch = w.epoch
                   and d.partition = s.at) m on true
             order by s.at) as reached
from webhooks w
left join event_topics t on t.epoch = w.epoch
left join lateral (
    select count(*) filter (where d.state = 'PENDING') as pending,
           count(*) filter (where d.state = 'PARKED') as parked
    from webhook_deliveries d where d.webhook = w.id and d.state in ('PENDING', 'PARKED')) c on true
where ($1::text is null or w.owner = $1) and ($2::text is null or w.id = $2)
order by w.created_at desc, w.id"""

BY_OWNER = "select count(*) from webhooks where owner = $1"

ALONE = "select pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))"

NOW = """
select t.epoch, array(select p.next_offset from event_positions p where p.epoch = t.epoch
                      order by p.partition) as offsets
from event_topics t order by t.epoch desc limit 1"""

ADD = """
insert into webhooks (id, owner, roles, department, url, filter, secret, state, epoch, offsets,
                      request_hash)
values ($1, $2, $3, $4, $5, $6, $7, 'ACTIVE', $8, $9, $10)"""

LOCK = "select * from webhooks where id = $1 for update"

REMOVE = "delete from webhooks where id = $1"

RESUME = """
update webhook_deliveries set since = clock_timestamp(), next_at = clock_timestamp(), attempts = 0
where webhook = $1 and state = 'PENDING'"""

UNPARK = """
update webhook_deliveries
set state = 'PENDING', attempts = 0, since = clock_timestamp(), next_at = clock_timestamp(),
    ended_at = null
where webhook = $1 and state = 'PARKED'"""

TOPIC = """
select t.epoch, array(select p.first_offset from event_positions p where p.epoch = t.epoch
                      order by p.partition) as first
from event_topics t where t.topic_id = $1"""

LOG = """
select d.* from webhook_deliveries d
where d.webhook = $1 and ($2::text is null or d.state = $2)
  and ($3::bigint is null or d.number < $3)
order by d.number desc limit $4"""

LOG_SIZE = """
select count(*) from webhook_deliveries d
where d.webhook = $1 and ($2::text is null or d.state = $2)"""

CHANGEABLE = frozenset(
    (
        "url",
        "filter",
        "state",
        "reason",
        "secret",
        "old_secret",
        "old_secret_until",
        "epoch",
        "offsets",
        "failing_since",
    )
)


async def visible(
    source: Postgres | Connection, owner: str | None, webhook: str | None = None
) -> list[asyncpg.Record]:
    """Webhooks of an owner, or all (None), newest first; or the one with this id among them."""
    return await source.fetch(VISIBLE, owner, webhook)


async def count_of(connection: Connection, owner: str) -> int:
    """How many an owner has; nobody adds one of the same owner until the transaction ends."""
    await connection.execute(ALONE, owner)
    count: int = await connection.fetchval(BY_OWNER, owner)
    return count


async def stored_now(source: Postgres | Connection) -> tuple[int, list[int]]:
    """The latest epoch and its vector; 0 and none where no event was ever stored."""
    row = await source.fetchrow(NOW)
    return (0, []) if row is None else (row["epoch"], row["offsets"])


async def add(connection: Connection, values: Sequence[Any]) -> None:
    """A new webhook; the values are those of ADD."""
    await connection.execute(ADD, *values)


async def locked(connection: Connection, webhook: str) -> asyncpg.Record | None:
    """One webhook, which nobody else changes until the transaction ends."""
    return await connection.fetchrow(LOCK, webhook)


async def change(connection: Connection, webhook: str, values: Mapping[str, Any]) -> None:
    """Set columns of one webhook, as its owner asked."""
    assert values.keys() <= CHANGEABLE
    names = list(values)
    sets = "".join(f"{name} = ${at}, " for at, name in enumerate(names, 2))
    await connection.execute(
        f"update webhooks set {sets}revision = revision + 1, "  # noqa: S608 - names are our own
        "updated_at = clock_timestamp() where id = $1",
        webhook,
        *(values[name] for name in names),
    )


async def remove(connection: Connection, webhook: str) -> None:
    """Remove a webhook with its deliveries."""
    await connection.execute(REMOVE, webhook)


async def resume(connection: Connection, webhook: str) -> None:
    """Let what waits be tried at once, with all the time that there is."""
    await connection.execute(RESUME, webhook)


async def unpark(connection: Connection, webhook: str) -> int:
    """Let what was parked be sent again; tells how many."""
    status: str = await connection.execute(UNPARK, webhook)
    return int(status.rpartition(" ")[2])


async def topic(source: Postgres | Connection, topic_id: str) -> tuple[int, list[int]] | None:
    """The epoch of a topic and the first offsets kept; None for a topic that never was here."""
    row = await source.fetchrow(TOPIC, topic_id)
    return None if row is None else (row["epoch"], row["first"])


async def log(
    postgres: Postgres, webhook: str, state: str | None, before: int | None, most: int
) -> list[asyncpg.Record]:
    """Deliveries of a webhook, newest first, older than the number `before`."""
    return await postgres.fetch(LOG, webhook, state, before, most)


async def log_size(postgres: Postgres, webhook: str, state: str | None) -> int:
    """How many deliveries a webhook has."""
    count: int = await postgres.fetchval(LOG_SIZE, webhook, state)
    return count


async def first_kept(source: Postgres | Connection, epoch: int) -> list[int]:
    """The first offsets kept of an epoch, by partition."""
    rows = await source.fetch(
        "select first_offset from event_positions where epoch = $1 order by partition", epoch
    )
    return [row[0] for row in rows]
