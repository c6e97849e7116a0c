"""One town for the whole folder: its engines are killed, so no other test may use them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.survival.town import Town
from tests.survival.town import town as made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(full_scale: bool) -> AsyncIterator[Town]:
    async with made(full_scale) as found:
        yield found
