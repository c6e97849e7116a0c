"""Fixtures: a stage per module, and a hub on it."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.migrate import migrate, role_of
from tests.contract.service import Service, serving
from tests.contract.streams.stage import Stage, staged
from tests.stores_for_tests import create_database, drop_database, inside


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(
    request: pytest.FixtureRequest,
    store_addresses: StoreAddresses,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    """A topic and tables of the module's own. The graph is the session's, and not looked at."""
    name = "t_" + re.sub(r"\W", "_", request.module.__name__).lower()[-50:]
    await create_database(store_addresses, name)
    at = inside(store_addresses, name)
    await migrate(
        at.postgres_owner_dsn,
        service_role=role_of(at.postgres_service_dsn),
        auditor_role=role_of(at.postgres_auditor_dsn),
    )
    try:
        data = tmp_path_factory.mktemp("streams")
        async with staged(at, data, f"{name}.{secrets.token_hex(4)}.") as made:
            yield made
    finally:
        await drop_database(store_addresses, name)


@pytest.fixture(scope="module")
def service(stage: Stage) -> Iterator[Service]:
    """A hub on that stage."""
    with serving(stage.hub()) as running:
        yield running
