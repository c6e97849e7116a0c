"""Neo4j: one driver, reads by reused sessions in auto-commit mode, explicit write transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncSession,
    AsyncTransaction,
)

from resolvers.stores.outage import neo4j_outage


class Graph:
    """The graph's connection pool. Methods raise StoreUnavailable while it cannot be reached.

    Nothing is connected before the first statement, so the hub starts without the server.
    """

    def __init__(self, driver: AsyncDriver, database: str) -> None:
        self._driver = driver
        self._database = database
        self._idle: list[AsyncSession] = []

    @classmethod
    def open(
        cls, url: str, user: str, password: str, *, database: str = "neo4j", size: int = 64
    ) -> Graph:
        """A graph of at most `size` connections at a time."""
        driver = AsyncGraphDatabase.driver(
            url,
            auth=(user, password),
            max_connection_pool_size=size,
            connection_timeout=5.0,
            connection_acquisition_timeout=10.0,
            max_transaction_retry_time=0.0,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
        return cls(driver, database)

    async def close(self) -> None:
        for session in self._idle:
            await session.close()
        self._idle.clear()
        await self._driver.close()

    async def run_record(self, text: str, params: dict[str, Any]) -> list[Any] | None:
        """The values of the single record that a read statement returns; None without one.

        Raises StoreUnavailable, or the driver's error where the statement itself is wrong.
        """
        with neo4j_outage():
            session = self._idle.pop() if self._idle else self._session()
            try:
                result = await session.run(text, params)
                record = await result.single()
            except BaseException:
                await session.close()
                raise
            self._idle.append(session)
        return None if record is None else record.values()

    async def run(self, text: str, **params: Any) -> list[list[Any]]:
        """All records of an auto-commit statement, which may write (schema statements, say)."""
        with neo4j_outage():
            async with self._driver.session(
                database=self._database, default_access_mode=WRITE_ACCESS
            ) as session:
                result = await session.run(text, params)
                return [record.values() async for record in result]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncTransaction]:
        """A write transaction: committed at the end of the block, rolled back on an error."""
        with neo4j_outage():
            async with (
                self._driver.session(
                    database=self._database, default_access_mode=WRITE_ACCESS
                ) as session,
                await session.begin_transaction() as transaction,
            ):
                yield transaction
                await transaction.commit()

    def _session(self) -> AsyncSession:
        return self._driver.session(
            database=self._database, default_access_mode=READ_ACCESS, fetch_size=-1
        )
