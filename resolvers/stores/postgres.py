"""PostgreSQL: a pool of connections that speak JSON, and connections of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson

from resolvers.stores.outage import postgres_outage

SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""A process that stands still in a transaction, or whose machine is gone, loses its session, and
with it the locks that others wait for."""

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


def encode_json(value: Any) -> bytes:
    """The binary form of jsonb; `bytes` count as JSON already."""
    return b"\x01" + (value if isinstance(value, bytes) else orjson.dumps(value))


async def speak_json(connection: Any) -> None:
    """Let a connection take and give Python values for jsonb columns."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=encode_json,
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )


class Postgres:
    """A pool that connects when it is first needed, so that the hub starts without the server.

    Every method raises StoreUnavailable while the server cannot be reached.
    """

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self._pool = pool
        self.dsn = dsn

    @classmethod
    async def open(cls, dsn: str, *, size: int = 8) -> Postgres:
        """A pool of at most `size` connections; nothing is connected yet."""
        pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            init=speak_json,
            command_timeout=60,
            server_settings=SESSION,
        )
        await pool
        return cls(pool, dsn)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection of the pool, for one transaction or several statements."""
        with postgres_outage():
            async with self._pool.acquire() as connection:
                yield connection

    async def connect(self) -> asyncpg.Connection:
        """A connection outside the pool, for locks and notifications; the caller closes it."""
        with postgres_outage():
            connection: asyncpg.Connection = await asyncpg.connect(
                self.dsn, server_settings=SESSION
            )
            await speak_json(connection)
            return connection

    async def fetch(self, text: str, *arguments: Any) -> list[asyncpg.Record]:
        with postgres_outage():
            rows: list[asyncpg.Record] = await self._pool.fetch(text, *arguments)
            return rows

    async def fetchrow(self, text: str, *arguments: Any) -> asyncpg.Record | None:
        with postgres_outage():
            return await self._pool.fetchrow(text, *arguments)

    async def fetchval(self, text: str, *arguments: Any) -> Any:
        with postgres_outage():
            return await self._pool.fetchval(text, *arguments)

    async def execute(self, text: str, *arguments: Any) -> str:
        with postgres_outage():
            status: str = await self._pool.execute(text, *arguments)
            return status
