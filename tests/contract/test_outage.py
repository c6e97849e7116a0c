"""A store goes away: the hub says which, answers what it can, and recovers by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from resolvers.stores.addresses import StoreAddresses
from tests.contract.federated import federated
from tests.contract.live import live_hub, load_small_district
from tests.contract.proxy import Cable, cable
from tests.contract.service import Service, serving
from tests.stores_for_tests import emptied

READ = '{ venue(code: "V7") { code } gridAt(longitude: 120.015, latitude: 36.005) { code } }'


@dataclass(frozen=True)
class Cabled:
    """A live hub whose stores can be taken away."""

    service: Service
    neo4j: Cable
    postgres: Cable

    async def ask(self, query: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.service.url) as client:
            headers = self.service.signed_in()
            return await client.post("/graphql", json={"query": query}, headers=headers)

    async def until_placed(self) -> None:
        """Wait until the grids that were just written are known to the placement."""
        async with asyncio.timeout(15):
            while True:
                if (await self.ask(READ)).json()["data"]["gridAt"] is not None:
                    return
                await asyncio.sleep(0.1)

    async def until(self, state: str) -> tuple[int, dict[str, Any]]:
        """Wait until /ready tells this state; gives its status and report."""
        async with (
            asyncio.timeout(15),
            httpx.AsyncClient(base_url=self.service.health or self.service.url) as client,
        ):
            while True:
                answer = await client.get("/ready")
                report: dict[str, Any] = answer.json()
                if report["state"] == state:
                    return answer.status_code, report
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cabled(
    form: str, store_addresses: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cabled]:
    async with (
        emptied(store_addresses, f"t_outage_{form}") as fresh_stores,
        cable("127.0.0.1", port_of(fresh_stores.neo4j_url)) as neo4j,
        cable("127.0.0.1", port_of(fresh_stores.postgres_service_dsn)) as postgres,
    ):
        at = replace(
            fresh_stores,
            neo4j_url=f"bolt://127.0.0.1:{neo4j.port}",
            postgres_service_dsn=moved(fresh_stores.postgres_service_dsn, postgres.port),
            postgres_owner_dsn=moved(fresh_stores.postgres_owner_dsn, postgres.port),
        )
        with ExitStack() as stack:
            data = tmp_path_factory.mktemp("cabled")
            if form == "process":
                service = stack.enter_context(serving(live_hub(data, at)))
            else:  # beside this loop, which the cables need while the gateway starts
                enter = partial(stack.enter_context, federated(data, at))
                service = (await asyncio.to_thread(enter)).service
            await load_small_district(service)
            cabled = Cabled(service, neo4j, postgres)
            await cabled.until_placed()
            yield cabled
            # Beside this loop, which the cables need while the hub closes its stores.
            await asyncio.to_thread(stack.pop_all().close)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def moved(dsn: str, port: int) -> str:
    return dsn.replace(f":{port_of(dsn)}/", f":{port}/")


async def test_without_the_graph(cabled: Cabled) -> None:
    before = (await cabled.ask(READ)).json()
    assert before["data"]["venue"] == {"code": "V7"}
    cabled.neo4j.cut()
    try:
        status, report = await cabled.until("degraded")
        assert status == 200
        assert report["stores"]["neo4j"]["state"] == "down"
        assert "Neo4j" in report["stores"]["neo4j"]["reason"]
        assert report["stores"]["postgres"]["state"] == "up"
        answer = await cabled.ask(READ)
        assert answer.status_code == 200
        body = answer.json()
        assert body["data"] == {"venue": None, "gridAt": None}
        for error in body["errors"]:
            assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
            assert error["extensions"]["store"] == "neo4j"
        known = await cabled.ask("{ __schema { queryType { name } } }")
        assert known.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    finally:
        cabled.neo4j.plug_in()
    assert (await cabled.ask(READ)).json() == before
    await cabled.until("ready")


async def test_without_the_change_log(cabled: Cabled) -> None:
    before = (await cabled.ask(READ)).json()
    cabled.postgres.cut()
    try:
        status, report = await cabled.until("degraded")
        assert status == 200
        assert report["stores"]["postgres"]["state"] == "down"
        assert (await cabled.ask(READ)).json() == before
        history = '{ venue(code: "V7") { code history(first: 1) { nodes { version } } } }'
        body = (await cabled.ask(history)).json()
        assert body["data"]["venue"] == {"code": "V7", "history": None}
        [error] = body["errors"]
        assert error["path"] == ["venue", "history"]
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
        assert error["extensions"]["store"] == "postgres"
    finally:
        cabled.postgres.plug_in()
    await cabled.until("ready")
    assert (await cabled.ask(history)).json()["data"]["venue"]["history"]["nodes"]


async def test_without_both(cabled: Cabled) -> None:
    cabled.neo4j.cut()
    cabled.postgres.cut()
    try:
        status, _ = await cabled.until("down")
        assert status == 503
    finally:
        cabled.neo4j.plug_in()
        cabled.postgres.plug_in()
    await cabled.until("ready")
    assert "errors" not in (await cabled.ask(READ)).json()
