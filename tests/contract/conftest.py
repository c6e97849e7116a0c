"""Fixtures for tests of the service over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import httpx
import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.federated import federated
from tests.contract.live import live_hub, load_small_district
from tests.contract.service import Service, serving, tiny_hub
from tests.stores_for_tests import emptied


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


@pytest.fixture(scope="module", params=["process", "gateway"])
def form(request: pytest.FixtureRequest) -> str:
    """In which form the hub is served: as one process, or as subgraphs behind the gateway."""
    chosen: str = request.param
    return chosen


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    form: str, store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """A live hub, in both forms, over real stores with the small district in them."""
    data = tmp_path_factory.mktemp("live")
    async with emptied(store_addresses, f"t_live_{form}") as fresh:
        with ExitStack() as running:
            if form == "process":
                service = running.enter_context(serving(live_hub(data, fresh)))
            else:
                service = running.enter_context(federated(data, fresh)).service
            await load_small_district(service)
            yield service
