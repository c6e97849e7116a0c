"""Fixtures for tests of the service over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

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
