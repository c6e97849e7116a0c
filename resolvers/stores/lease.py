"""A lease in PostgreSQL: what one process at a time may do, as long as its connection lives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from resolvers.stores.outage import POSTGRES_DOWN, postgres_outage
from resolvers.stores.postgres import Postgres

RELAY = 0x72656C6179
"""The relay of the change log to Kafka."""


@asynccontextmanager
async def lease(postgres: Postgres, number: int, *, poll: float = 2.0) -> AsyncIterator[None]:
    """Wait for a lease, and hold it for the length of the block. Raises StoreUnavailable.

    A process whose connection was cut may believe for a while that it still holds it.
    """
    connection = await postgres.connect()
    try:
        with postgres_outage():
            held = False
            while not held:
                held = await connection.fetchval("select pg_try_advisory_lock($1)", number)
                if not held:
                    await asyncio.sleep(poll)
        yield
    finally:
        with contextlib.suppress(*POSTGRES_DOWN, TimeoutError):
            await connection.close(timeout=2)
