"""Following the change log in PostgreSQL, change by change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from resolvers.stores.change_log import CHANNEL
from resolvers.stores.outage import postgres_outage
from resolvers.stores.postgres import Postgres

HEAD = "select log_id::text, position from change_head"

CHANGES_AFTER = """
select v.from_position as position, v.ordinal, v.type, v.code, v.version, v.operation,
       v.recorded_at, v.fields, v.edges, s.actor, s.source, s.reason
from entity_versions v join change_sets s on s.position = v.from_position
where (v.from_position, v.ordinal) > ($1, $2)
order by v.from_position, v.ordinal limit $3"""

POLL_SECONDS = 1.0


async def head(postgres: Postgres) -> tuple[str, int]:
    """The log's name, and the position of its last change set. Raises StoreUnavailable."""
    row = await postgres.fetchrow(HEAD)
    assert row is not None
    return row["log_id"], row["position"]


async def changes_after(
    postgres: Postgres, position: int, ordinal: int, most: int
) -> Sequence[asyncpg.Record]:
    """The next changes, in order, with who made them and why. Raises StoreUnavailable."""
    return await postgres.fetch(CHANGES_AFTER, position, ordinal, most)


class ChangeBell:
    """Rings when a change set has been committed, and every second in any case."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._connection: asyncpg.Connection | None = None
        self._rang = asyncio.Event()

    async def start(self) -> None:
        """Listen. Raises StoreUnavailable."""
        connection = await self._postgres.connect()
        self._connection = connection
        with postgres_outage():
            await connection.add_listener(CHANNEL, lambda *_: self._rang.set())

    async def wait(self) -> None:
        """Until it rings."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._rang.wait()
        except TimeoutError:
            pass
        self._rang.clear()

    async def stop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
