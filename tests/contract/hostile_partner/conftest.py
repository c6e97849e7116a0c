"""One federation for all tests of a hostile partner, who has joined it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.federated import federated
from tests.contract.hostile_partner.partner import HostilePartner, hostile_partner
from tests.contract.hostile_partner.site import Site, join
from tests.contract.live import load_small_district
from tests.stores_for_tests import emptied


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def federation(
    store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The federation over the small district, with the partner in its API.

    It has the one graph until this folder's last test: none here may use `fresh_stores`.
    """
    data = tmp_path_factory.mktemp("hostile")
    async with emptied(store_addresses, "t_hostile_partner") as fresh:
        with ExitStack() as running:
            found = running.enter_context(federated(data, fresh))
            await load_small_district(found.service)
            site = Site(found, running.enter_context(hostile_partner()))
            await join(site)
            yield site


@pytest.fixture
def site(federation: Site) -> Iterator[Site]:
    """That federation, its partner honest."""
    federation.partner.be_honest()
    yield federation
    federation.partner.be_honest()


@pytest.fixture
def elsewhere() -> Iterator[HostilePartner]:
    """Another server, of which the hub knows nothing."""
    with hostile_partner() as server:
        yield server
