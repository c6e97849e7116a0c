"""Begin afresh in the session's stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import neo4j

from resolvers.stores.addresses import StoreAddresses


@asynccontextmanager
async def emptied(at: StoreAddresses, name: str) -> AsyncIterator[StoreAddresses]:
    """An emptied graph, and a PostgreSQL database of this name for the length of the block."""

    await empty_graph(at)
    await create_database(at, name)
    try:
        yield inside(at, name)
    finally:
        await drop_database(at, name)


def inside(at: StoreAddresses, name: str) -> StoreAddresses:
    """The same stores, with another database of PostgreSQL."""

    def moved(dsn: str) -> str:
        return f"{dsn.rpartition('/')[0]}/{name}"

    return replace(
        at,
        postgres_service_dsn=moved(at.postgres_service_dsn),
        postgres_owner_dsn=moved(at.postgres_owner_dsn),
        postgres_auditor_dsn=moved(at.postgres_auditor_dsn),
    )


async def empty_graph(at: StoreAddresses) -> None:
    """Remove all nodes, edges, constraints and indexes from the one graph."""
    sign_in = (at.neo4j_user, at.neo4j_password)
    async with (
        neo4j.AsyncGraphDatabase.driver(at.neo4j_url, auth=sign_in) as driver,
        driver.session() as session,
    ):
        await (
            await session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")
        ).consume()
        found = await session.run("SHOW CONSTRAINTS YIELD name")
        for record in [record async for record in found]:
            await (await session.run(f"DROP CONSTRAINT `{record['name']}` IF EXISTS")).consume()
        found = await session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'")
        for record in [record async for record in found]:
            await (await session.run(f"DROP INDEX `{record['name']}` IF EXISTS")).consume()


async def create_database(at: StoreAddresses, name: str, template: str = "template1") -> None:
    """Make a PostgreSQL database of this name anew, a copy of the template."""
    await drop_database(at, name)
    await _as_owner(at, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


async def drop_database(at: StoreAddresses, name: str) -> None:
    """Remove a PostgreSQL database, whoever is connected to it."""
    await _as_owner(at, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _as_owner(at: StoreAddresses, statement: str) -> None:
    connection = await asyncpg.connect(at.postgres_owner_dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
