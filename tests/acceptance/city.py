"""The hub as its partners meet it: a gateway's address, tokens, and the steward's command line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from resolvers.stores.addresses import StoreAddresses
from tests.acceptance.department import NAME, Department
from tests.contract.federated import Federation, federated
from tests.contract.live import load_small_district

HUB = Path(sys.executable).with_name("hub")


@dataclass
class City:
    """A running federation over the small district."""

    federation: Federation
    at: StoreAddresses
    data: Path

    @property
    def url(self) -> str:
        return self.federation.url

    @property
    def jwks(self) -> str:
        return f"{self.federation.subgraphs['directory'].url}/.well-known/jwks.json"

    @property
    def environment(self) -> dict[str, str]:
        """What points the command line at this federation's registry."""
        settings = self.federation.service.hub.settings
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
            "HUB_DATA": str(self.data),
            "HUB_SUBGRAPH_PORT": str(settings.subgraph_port),
            "HUB_POSTGRES_URL": self.at.postgres_service_dsn,
            "HUB_POSTGRES_OWNER_URL": self.at.postgres_owner_dsn,
            "HUB_POSTGRES_AUDITOR_URL": self.at.postgres_auditor_dsn,
        }

    def signed_in(self, subject: str = "li", *roles: str) -> dict[str, str]:
        return self.federation.service.signed_in(subject=subject, roles=roles)

    def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        """The whole answer of the gateway, whatever its status."""
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=30).json()

    def data_of(self, query: str, headers: dict[str, str] | None = None) -> Any:
        """The answer's data; there must be no errors."""
        body = self.ask(query, headers)
        assert "errors" not in body, body
        return body["data"]

    def hub(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """`hub federation …`, to its end."""
        return subprocess.run(
            [str(HUB), "federation", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def add(self, office: Department, *options: str) -> subprocess.CompletedProcess[str]:
        """Hand in the SDL that the department serves now."""
        given = ("--name", office.name, "--url", office.url, "--by", "anne")
        return self.hub("add", office.sdl, *given, *options)

    def leave(self, name: str = NAME) -> subprocess.CompletedProcess[str]:
        return self.hub("remove", name, "--accept-breaking", "--by", "anne")

    def has(self, type_name: str, field: str) -> bool:
        """Whether the gateway's API has a field."""
        query = "query ($name: String!) { __type(name: $name) { fields { name } } }"
        found = self.ask(query, name=type_name)["data"]["__type"]
        return found is not None and field in [each["name"] for each in found["fields"]]

    def until(self, type_name: str, field: str, there: bool = True, seconds: float = 20) -> float:
        """Wait until the gateway's API has a field, or no longer has it; gives the seconds."""
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            # not the directory alone: the gateway answers `__type` itself
            if self.has(type_name, field) is there:
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"{type_name}.{field}: not {there} after {seconds} s")


@asynccontextmanager
async def city(at: StoreAddresses, data: Path) -> AsyncIterator[City]:
    """The federation with the small district in it, for the length of the block."""
    with ExitStack() as running:
        federation = await asyncio.to_thread(running.enter_context, federated(data, at))
        await load_small_district(federation.service)
        yield City(federation, at, data)
