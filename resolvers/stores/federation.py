"""The registry's tables in PostgreSQL: supergraphs, and the versions of partners' subgraphs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from resolvers.errors import Conflict, StoreUnavailable
from resolvers.stores.postgres import Connection, Postgres

LOCK = 0x43485546
"""Advisory lock (`CHUF`) that whoever changes partners or the supergraph holds to the commit."""

PATIENCE = 90
"""Seconds to wait for that lock: somebody else's check and composition take that at most."""

NEWEST = """
select version, made_at, digest, partners, supergraph, api
from supergraphs order by version desc limit 1"""

VERSION = "select max(version) from supergraphs"

HISTORY = """
select name, version, operation, url, actor, reason, recorded_at, supergraph,
       case when row_number() over (partition by name order by version desc) = 1 then sdl end as sdl
from partner_versions order by name, version"""

ADD_SUPERGRAPH = """
insert into supergraphs (version, digest, partners, supergraph, api)
select coalesce(max(version), 0) + 1, $1, $2, $3, $4 from supergraphs
returning version, made_at"""

ADD_PARTNER_VERSION = """
insert into partner_versions (name, version, operation, url, sdl, actor, reason, supergraph)
select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7
from partner_versions where name = $1
returning version"""


@asynccontextmanager
async def reading(postgres: Postgres) -> AsyncIterator[Connection]:
    """One moment's view of the registry. Raises StoreUnavailable, also before any migration."""
    with _tables_wanted():
        async with (
            postgres.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


@asynccontextmanager
async def changing(postgres: Postgres) -> AsyncIterator[Connection]:
    """A transaction in which nobody else changes the registry.

    Raises Conflict if another change takes longer than the patience, and StoreUnavailable.
    """
    with _tables_wanted():
        async with postgres.acquire() as connection, connection.transaction():
            try:
                await connection.execute(f"set local lock_timeout = '{PATIENCE}s'")
                await connection.execute(
                    "select pg_advisory_xact_lock($1)", LOCK, timeout=PATIENCE + 10
                )
            except (asyncpg.LockNotAvailableError, TimeoutError) as error:
                raise Conflict(
                    "somebody else is changing the federation; try again in a minute"
                ) from error
            yield connection


@contextmanager
def _tables_wanted() -> Iterator[None]:
    try:
        yield
    except asyncpg.UndefinedTableError as error:
        raise StoreUnavailable(
            "the store has no tables of the federation yet; try again once it is prepared",
            store="postgres",
        ) from error


async def version(postgres: Postgres) -> int | None:
    """Number of the newest supergraph; None before the first, or before the tables."""
    try:
        found: int | None = await postgres.fetchval(VERSION)
    except asyncpg.UndefinedTableError:
        return None
    return found


async def newest(connection: Connection) -> asyncpg.Record | None:
    """The newest supergraph's row."""
    return await connection.fetchrow(NEWEST)


async def history(connection: Connection) -> Sequence[asyncpg.Record]:
    """All versions of all partners, by name and version; SDL of each partner's last one only."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(HISTORY)
    return rows


async def add_supergraph(
    connection: Connection, digest: bytes, partners: Sequence[str], supergraph: str, api: str
) -> asyncpg.Record:
    """Store the next supergraph; gives its version and `made_at`."""
    row = await connection.fetchrow(ADD_SUPERGRAPH, digest, list(partners), supergraph, api)
    assert row is not None
    return row


async def add_partner_version(
    connection: Connection,
    name: str,
    operation: str,
    url: str,
    sdl: str | None,
    actor: str,
    reason: str | None,
    supergraph: int,
) -> int:
    """Store the next version of a partner; gives its number."""
    number: int = await connection.fetchval(
        ADD_PARTNER_VERSION, name, operation, url, sdl, actor, reason, supergraph
    )
    return number
