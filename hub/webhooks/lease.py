"""The right to send: one process has it at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time

import asyncpg

from resolvers.stores.outage import POSTGRES_DOWN
from resolvers.stores.postgres import Postgres

LOCK = 0x484F4F4B
"""Advisory lock (`HOOK`) of the process that sends."""
BEAT = 2.0
FRESH = 8.0
"""Seconds after the last beat in which sending may begin."""
LOST_AFTER = "15s"
"""Silence after which PostgreSQL ends the session, and the lock with it: a process that was
stopped does not hold others up for longer, and does not send when it is woken."""


class Lease:
    """An advisory lock on a connection of its own, that is kept alive by being used."""

    def __init__(self, postgres: Postgres, *, poll: float = 1.0) -> None:
        self._postgres = postgres
        self._poll = poll
        self._connection: asyncpg.Connection | None = None
        self._beat = float("-inf")

    def fresh(self) -> bool:
        """Whether nobody else can have it yet."""
        return time.monotonic() - self._beat < FRESH

    async def take(self) -> None:
        """Wait for it. Raises StoreUnavailable."""
        self._connection = connection = await self._postgres.connect()
        free = False
        while not free:
            free = await connection.fetchval("select pg_try_advisory_lock($1)", LOCK)
            if not free:
                await asyncio.sleep(self._poll)
        began = time.monotonic()
        await connection.execute(f"set idle_session_timeout = '{LOST_AFTER}'")
        self._beat = began

    async def keep(self) -> None:
        """Keep it for ever. Raises asyncpg's errors when it is lost."""
        assert self._connection is not None
        while True:
            began = time.monotonic()
            await self._connection.execute("select 1", timeout=FRESH)
            self._beat = began
            await asyncio.sleep(BEAT)

    async def give(self) -> None:
        """Let others have it."""
        self._beat = float("-inf")
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*POSTGRES_DOWN, TimeoutError):
                await connection.close(timeout=2)
