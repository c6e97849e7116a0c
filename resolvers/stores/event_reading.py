"""Reading many events or versions from PostgreSQL by a cursor of the server's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

import asyncpg

from resolvers.stores.outage import postgres_outage

EVENTS = """
select doc::text as doc from events
where ($1::timestamptz is null or opened_at >= $1) and ($2::timestamptz is null or opened_at < $2)
order by opened_at, id"""

VERSIONS = """
select doc::text as doc from event_versions
where ($1::timestamptz is null or recorded_at >= $1)
  and ($2::timestamptz is null or recorded_at < $2)
order by recorded_at, epoch, partition, topic_offset"""

LOCK = "lock table event_versions in access share mode"
"""Before the snapshot, so that no month is dropped within it."""


async def read_docs(
    dsn: str, since: datetime | None, until: datetime | None, *, versions: bool, page: int
) -> AsyncGenerator[list[str], None]:
    """JSON of events by the time they opened, or of versions by the time they were recorded.

    `since` is included, `until` is not. At most `page` together are held in memory; all are of
    one snapshot. Raises StoreUnavailable.
    """
    with postgres_outage():
        connection = await asyncpg.connect(dsn)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await connection.execute(LOCK)
                statement = VERSIONS if versions else EVENTS
                cursor = await connection.cursor(statement, since, until)
                while rows := await cursor.fetch(page):
                    yield [row["doc"] for row in rows]
        finally:
            await connection.close()
