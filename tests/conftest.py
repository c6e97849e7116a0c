"""Fixtures for all tests: real engines, started once per run, and stores to begin afresh in."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from hub.engines import addresses, up
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from tests.engines_for_tests import clear, make_folder, reap, settings_for_tests
from tests.soak_report import SoakReport
from tests.stores_for_tests import emptied


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own."""
    told = "write the plans and answers of tests/plans anew"
    parser.addoption("--update-goldens", action="store_true", help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Marks: `soak` is for tests that `make soak` runs at full size."""
    config.addinivalue_line("markers", "soak: runs at full size under `make soak`")
    if os.environ.get("HUB_TEST_SCALE") == "full":
        config.pluginmanager.register(SoakReport(), "soak-report")


@pytest.fixture(scope="session")
def full_scale() -> bool:
    """Whether HUB_TEST_SCALE asks for the sizes that the issues name (`make soak`)."""
    return os.environ.get("HUB_TEST_SCALE") == "full"


@pytest.fixture(scope="session")
def engines() -> Iterator[Settings]:
    """Settings of Neo4j, PostgreSQL and Kafka that run for this session, on ports of their own."""
    reap()
    folder = make_folder()
    settings = settings_for_tests(folder)
    try:
        asyncio.run(up(settings))
        yield settings
    finally:
        clear(folder)


@pytest.fixture(scope="session")
def store_addresses(engines: Settings) -> StoreAddresses:
    """Where the session's stores are. The database `hub` is shared: see fresh_stores."""
    return addresses(engines)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh_stores(
    request: pytest.FixtureRequest, store_addresses: StoreAddresses
) -> AsyncIterator[StoreAddresses]:
    """An emptied graph and a PostgreSQL database of the module's own, without tables.

    Neo4j Community has one graph only, so a module that uses this must not run beside another.
    """
    name = re.sub(r"\W", "_", request.module.__name__).lower()[-50:]
    async with emptied(store_addresses, f"t_{name}") as fresh:
        yield fresh
