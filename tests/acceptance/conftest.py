"""Fixtures of the acceptance tests: a city that departments join, and a department."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.acceptance.city import City
from tests.acceptance.city import city as city_over
from tests.acceptance.department import Department
from tests.stores_for_tests import emptied


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def city(
    store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[City]:
    """A federation with the small district in it; each module leaves it without partners.

    It has the one graph until this folder's last test: none here may use `fresh_stores`.
    """
    data = tmp_path_factory.mktemp("city")
    async with emptied(store_addresses, "t_acceptance") as fresh, city_over(fresh, data) as city:
        yield city


@pytest.fixture(scope="module")
def office(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    """The street lighting office's subgraph, running; it has not joined."""
    office = Department(tmp_path_factory.mktemp("office"), city.jwks)
    try:
        office.start()
        yield office
    finally:
        office.kill()
