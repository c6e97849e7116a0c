"""Fixtures for tests of the service over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.live import live_hub, load_small_district
from tests.contract.service import Service, serving, tiny_hub


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A live hub over a tiny schema."""
    with serving(tiny_hub(tmp_path_factory.mktemp("tiny"))) as service:
        yield service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(tiny: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that hub."""
    async with httpx.AsyncClient(base_url=tiny.url) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    fresh_stores: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """A live hub over real stores with the small district in them."""
    with serving(live_hub(tmp_path_factory.mktemp("live"), fresh_stores)) as service:
        await load_small_district(service)
        yield service
