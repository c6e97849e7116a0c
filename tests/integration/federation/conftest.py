"""The registry on a PostgreSQL database of the module's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from hub.federation.compose import GATEWAY
from hub.federation.registry import Registry
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.migrate import migrate, role_of
from resolvers.stores.postgres import Postgres
from tests.subgraph_for_tests import PartnerServer, partner_server

HUB = Path(sys.executable).parent / "hub"


@dataclass
class Site:
    """An open store, and settings that point commands at it."""

    postgres: Postgres
    settings: Settings
    at: StoreAddresses

    def registry(self, **settings: object) -> Registry:
        """A registry as another process would open it."""
        return Registry(self.postgres, self.settings.model_copy(update=settings))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HUB_DATA": str(self.settings.data),
            "HUB_POSTGRES_URL": self.at.postgres_service_dsn,
            "HUB_POSTGRES_OWNER_URL": self.at.postgres_owner_dsn,
            "HUB_POSTGRES_AUDITOR_URL": self.at.postgres_auditor_dsn,
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [str(HUB), "federation", *map(str, arguments)]

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """`hub federation …`, to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    async def empty(self) -> None:
        """Forget all that was registered and seen."""
        await migrate(
            self.at.postgres_owner_dsn,
            service_role=role_of(self.at.postgres_service_dsn),
            auditor_role=role_of(self.at.postgres_auditor_dsn),
        )
        owner = await Postgres.open(self.at.postgres_owner_dsn, size=1)
        await owner.execute(
            "truncate supergraphs, partner_versions, operations, operation_days cascade"
        )
        await owner.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(fresh_stores: StoreAddresses, engines: Settings) -> AsyncIterator[Site]:
    if shutil.which("node") is None or not (GATEWAY / "node_modules").is_dir():
        pytest.skip("Node or its packages are missing: run bin/setup")
    postgres = await Postgres.open(fresh_stores.postgres_service_dsn)
    yield Site(postgres, engines, fresh_stores)
    await postgres.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(opened: Site) -> Site:
    """Nothing registered, nothing seen."""
    await opened.empty()
    return opened


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as server:
        yield server
