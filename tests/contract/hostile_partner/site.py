"""The federation as a caller meets it, with a partner who may be hostile."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from hub.federation.registry import Registry
from hub.federation.submission import Submission
from resolvers.stores.postgres import Postgres
from tests.contract.federated import Federation
from tests.contract.hostile_partner.partner import NAME, SDL, HostilePartner
from tests.small_district import grid_code

CODE = "SUBGRAPH_UNAVAILABLE"
GRIDS = "grids(first: 3) { nodes { id code name } }"
HONEST = [{"id": None, "code": grid_code(i), "name": f"网格{i + 1}"} for i in range(3)]
"""What GRIDS gives; the ids are the hub's own."""


@dataclass(frozen=True)
class Site:
    """The gateway, and the partner behind it."""

    federation: Federation
    partner: HostilePartner

    def signed_in(self) -> dict[str, str]:
        return self.federation.service.signed_in(roles=["steward"])

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        signed_in: bool = True,
        **headers: str,
    ) -> httpx.Response:
        """The gateway's answer, whatever its status."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if signed_in:
            given |= self.signed_in()
        async with httpx.AsyncClient(timeout=30) as client:
            return await client.post(
                f"{self.federation.url}/graphql",
                json={"query": query, "variables": variables},
                headers=given,
            )

    async def body_of(self, query: str) -> dict[str, Any]:
        """The answer to a query that must have run."""
        answer = await self.ask(query)
        assert answer.status_code == 200, answer.text[:2_000]
        body: dict[str, Any] = answer.json()
        assert "Unexpected error" not in answer.text, answer.text[:2_000]
        for error in body.get("errors", []):
            message = error["message"]
            assert "127.0.0.1" not in message, message
            assert str(self.partner.port) not in message, message
        return body

    def gateway(self) -> psutil.Process:
        """The gateway's process."""
        (found,) = [
            child
            for child in psutil.Process(os.getpid()).children()
            if "gateway.config.mjs" in child.cmdline()
        ]
        return found


def the_hubs(nodes: Any) -> Any:
    """The hub's fields of grids, with ids that are only looked at."""
    assert all(node["id"] for node in nodes)
    assert "HACK" not in str(nodes)
    return [{"id": None, "code": node["code"], "name": node["name"]} for node in nodes]


def unavailable(body: dict[str, Any]) -> bool:
    """Whether an error says that the partner does not answer; there may be no other errors."""
    found = [error.get("extensions", {}) for error in body.get("errors", [])]
    for extensions in found:
        assert extensions.get("code") == CODE, body["errors"]
        assert extensions.get("subgraph") == NAME, body["errors"]
    return bool(found)


async def join(site: Site) -> None:
    """Register the partner, and wait until the gateway's API has its fields."""
    hub = site.federation.service.hub
    postgres = await Postgres.open(hub.at.postgres_service_dsn, size=3)
    try:
        given = Submission(NAME, site.partner.url, SDL)
        report = await Registry(postgres, hub.settings).add(given, by="test")
        assert report.version is not None, report
    finally:
        await postgres.close()
    async with asyncio.timeout(20):
        while True:
            answer = await site.ask("{ lamps { grid { lampCount } } }")
            if "errors" not in answer.json():
                return
            await asyncio.sleep(0.1)
