"""Subscriptions over SSE and multipart, by plain HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import EVENTS
from tests.contract.streams.stage import Stage

SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="-";subscriptionSpec=1.0,application/json'


def request(
    client: httpx.AsyncClient, service: Service, accept: str, query: str = EVENTS, **more: Any
) -> Any:
    variables = more.pop("variables", {})
    headers = service.signed_in() | {"Accept": accept} | more
    body = {"query": query, "variables": variables}
    return client.stream("POST", f"{service.url}/graphql", json=body, headers=headers)


async def messages(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """The events of an event stream: event, id, data."""
    found: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            yield found
            found = {}


async def parts(response: httpx.Response) -> AsyncIterator[Any]:
    """The JSON of each part."""
    async for line in response.aiter_lines():
        if line.startswith("{"):
            yield json.loads(line)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as made:
        yield made


async def take(found: AsyncIterator[Any], count: int) -> list[Any]:
    taken: list[Any] = []
    async with asyncio.timeout(20):
        async for each in found:
            taken.append(each)
            if len(taken) == count:
                break
    return taken


async def test_sse_goes_on_by_last_event_id(
    stage: Stage, service: Service, client: httpx.AsyncClient
) -> None:
    async with request(client, service, SSE) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(SSE)
        came = messages(response)
        first = (await take(came, 1))[0]
        docs = await stage.more(20)
        found = await take(came, 8)
    assert json.loads(first["data"])["data"]["events"]["cursor"] == first["id"]
    last = found[-1]["id"]
    headers = {"Last-Event-ID": last}
    variables = {"after": first["id"]}  # Last-Event-ID goes before
    async with request(client, service, SSE, variables=variables, **headers) as response:
        found += await take(messages(response), 12)
    ids = [json.loads(each["data"])["data"]["events"]["event"]["id"] for each in found]
    assert sorted(ids) == [doc["id"] for doc in docs]


async def test_sse_by_get(service: Service, client: httpx.AsyncClient) -> None:
    headers = service.signed_in() | {"Accept": SSE}
    url = f"{service.url}/graphql"
    async with client.stream("GET", url, params={"query": EVENTS}, headers=headers) as response:
        found = (await take(messages(response), 1))[0]
    assert found["event"] == "next"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ __typename }", '"Query"'),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { events(after: "x") { cursor } }', "CURSOR_INVALID"),
    ],
)
async def test_what_is_no_stream_is_one_message_and_complete(
    service: Service, client: httpx.AsyncClient, query: str, told: str
) -> None:
    async with request(client, service, SSE, query) as response:
        assert response.status_code == 200
        found = [each async for each in messages(response)]
    assert [each["event"] for each in found] == ["next", "complete"]
    assert told in found[0]["data"]


async def test_refusals_by_status(service: Service, client: httpx.AsyncClient) -> None:
    url = f"{service.url}/graphql"
    anonymous = await client.post(url, json={"query": EVENTS}, headers={"Accept": SSE})
    assert anonymous.status_code == 401
    plain = await client.post(url, json={"query": EVENTS}, headers=service.signed_in())
    assert "text/event-stream" in plain.text
    given = 'input: {code: "x", expectedVersion: 1, reason: "r"}'
    mutation = {"query": f"mutation {{ retireVenue({given}) {{ version }} }}"}
    by_get = await client.get(url, params=mutation, headers={"Accept": SSE})
    assert by_get.status_code == 405


async def test_multipart(stage: Stage, service: Service, client: httpx.AsyncClient) -> None:
    async with request(client, service, MULTIPART) as response:
        assert response.headers["content-type"].startswith("multipart/mixed")
        came = parts(response)
        opening, greeting = await take(came, 2)
        docs = await stage.more(5)
        found = await take(came, 5)
    assert opening == {}
    assert greeting["payload"]["data"]["events"]["event"] is None
    ids = [each["payload"]["data"]["events"]["event"]["id"] for each in found]
    assert sorted(ids) == [doc["id"] for doc in docs]
    async with request(client, service, MULTIPART, "{ __typename }") as response:
        assert response.headers["content-type"].startswith("application/json")


async def test_limits_of_responses(stage: Stage, client: httpx.AsyncClient) -> None:
    with serving(stage.hub(max_streams=3, max_streams_per_caller=2)) as small:
        async with request(client, small, SSE) as one, request(client, small, SSE) as two:
            came = messages(one)
            await take(came, 1)
            await take(messages(two), 1)
            async with request(client, small, SSE) as three:
                assert three.status_code == 429
                assert "TOO_MANY_STREAMS" in (await three.aread()).decode()
            small.stop()
            rest = [each async for each in came]
    assert "complete" not in [each["event"] for each in rest]


async def test_an_expired_token_ends_the_response(
    service: Service, client: httpx.AsyncClient
) -> None:
    issuer = service.hub.issuer
    token = issuer.issue("li", hours=1 / 3600)
    caller = issuer.verify(token)
    assert caller.expires is not None
    object.__setattr__(caller, "expires", caller.expires - issuer._leeway)
    headers = {"Accept": SSE, "Authorization": f"Bearer {token}"}
    url = f"{service.url}/graphql"
    async with client.stream("POST", url, json={"query": EVENTS}, headers=headers) as response:
        found = [each async for each in messages(response)]
    assert found[-1]["event"] == "complete"
    (error,) = json.loads(found[-2]["data"])["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["extensions"]["cursor"] == found[-3]["id"]
