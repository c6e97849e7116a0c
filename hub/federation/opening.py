"""The registry for a command: PostgreSQL prepared, opened, and closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.engines import addresses
from hub.federation.errors import FederationError
from hub.federation.registry import Registry
from hub.settings import Settings
from resolvers.errors import Conflict, StoreUnavailable
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.postgres import Postgres


@asynccontextmanager
async def open_registry(settings: Settings) -> AsyncIterator[Registry]:
    """The registry of the store that settings name; no other store is needed.

    Raises FederationError where that is not reachable or somebody else changes the registry, and
    MigrationError where the store is of a newer release.
    """
    try:
        at = addresses(settings)
        await migrate(
            at.postgres_owner_dsn,
            service_role=role_of(at.postgres_service_dsn),
            auditor_role=role_of(at.postgres_auditor_dsn),
        )
        postgres = await Postgres.open(at.postgres_service_dsn, size=3)
        try:
            yield Registry(postgres, settings)
        finally:
            await postgres.close()
    except StoreUnavailable as error:
        raise FederationError(
            "PostgreSQL, which holds the registry, is not reachable; nothing has changed.",
            "Start it with 'hub up', or correct HUB_POSTGRES_URL.",
        ) from error
    except Conflict as error:
        raise FederationError(f"{error.message[:1].upper()}{error.message[1:]}.") from error
