"""A directory that has not read its registry yet refuses nothing: it says so."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from hub.app import schema_of
from hub.context import Hub
from hub.settings import Settings
from tests.contract.service import Service, nothing_there, serving

QUERIES = (
    "{ lamps { code } }",
    "{ grids(first: 1) { nodes { code lampCount } } }",
    "{ __typename }",
)


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A directory whose stores are away."""
    settings = Settings(
        data=tmp_path_factory.mktemp("unread"),
        subgraph="directory",
        reference_executor=True,
        districts="",
        probe_seconds=0.5,
    )
    with serving(Hub(settings, schema_of(settings), at=nothing_there())) as service:
        yield service


@pytest.mark.parametrize("query", QUERIES)
async def test_it_says_that_it_has_read_nothing(unread: Service, query: str) -> None:
    secret = {"X-Hub-Gateway": unread.hub.gateway_key}
    async with httpx.AsyncClient(base_url=unread.url, headers=secret, timeout=30) as client:
        for answer in (
            await client.post("/graphql/check", json={"query": query}),
            await client.get("/graphql/check", params={"query": query}),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers.get("x-hub-unread") == "1"


async def test_only_gateways_are_told(unread: Service) -> None:
    async with httpx.AsyncClient(base_url=unread.url, timeout=30) as client:
        answer = await client.post("/graphql/check", json={"query": QUERIES[0]})
        assert answer.status_code == 403
        assert "x-hub-unread" not in answer.headers
