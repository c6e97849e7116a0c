"""What a store's failure is called above `resolvers.stores`: STORE_UNAVAILABLE, with its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import neo4j.exceptions

from resolvers.errors import DeadlineExceeded, StoreUnavailable, TooComplex

POSTGRES_DOWN: tuple[type[BaseException], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.InternalClientError,
)
"""What asyncpg raises while the server is away, starting, stopping or full, and where it ended a
session that stood still (postgres.SESSION). A connection lost between two statements may show as
an InternalClientError."""

NEO4J_DOWN: tuple[type[BaseException], ...] = (
    OSError,
    neo4j.exceptions.ServiceUnavailable,
    neo4j.exceptions.SessionExpired,
    neo4j.exceptions.SessionError,
    neo4j.exceptions.TransientError,
    neo4j.exceptions.DatabaseUnavailable,
    neo4j.exceptions.IncompleteCommit,
)
"""What the driver raises while the server is away, starting, stopping or full."""


@contextmanager
def postgres_outage() -> Iterator[None]:
    """Turn a lost PostgreSQL into StoreUnavailable; other errors pass."""
    try:
        yield
    except asyncpg.DataError:  # an InterfaceError by descent, but the caller's fault
        raise
    except POSTGRES_DOWN as error:
        raise StoreUnavailable(
            "the change log (PostgreSQL) is not reachable; try again later", store="postgres"
        ) from error


@contextmanager
def neo4j_outage() -> Iterator[None]:
    """Turn a lost Neo4j into StoreUnavailable; other errors pass."""
    try:
        yield
    except neo4j.exceptions.Neo4jError as error:
        code = error.code or ""
        if "OutOfMemory" in code:
            raise TooComplex(
                "the operation needs more of the graph's memory than one may have: ask for less"
            ) from error
        if "TransactionTimedOut" in code:
            raise DeadlineExceeded(
                "the operation took the graph too long: ask for less at a time"
            ) from error
        if not isinstance(error, NEO4J_DOWN):
            raise
        raise StoreUnavailable(
            "the graph (Neo4j) is not reachable; try again later", store="neo4j"
        ) from error
    except NEO4J_DOWN as error:
        raise StoreUnavailable(
            "the graph (Neo4j) is not reachable; try again later", store="neo4j"
        ) from error
