"""The hub's own subscriptions through the gateway of the federation."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.federated import federated
from tests.contract.service import Service
from tests.contract.streams.socket_client import EVENTS, connected
from tests.contract.streams.stage import PARTITIONS, Stage


@pytest.fixture(scope="module")
def through(stage: Stage) -> Iterator[Service]:
    settings = {"topic_prefix": stage.prefix, "event_partitions": PARTITIONS}
    with federated(stage.data, stage.at, heartbeat_seconds=2.0, **settings) as running:
        yield running.service


async def test_over_websocket_resumed_by_its_cursor(through: Service, stage: Stage) -> None:
    async with connected(through) as client:
        await client.subscribe("a")
        first = await client.delivery(30)
        assert first["event"] is None
        sent = await stage.more(30)
        found = await client.events(12)
    cursor = found[-1]["cursor"]
    await stage.store()
    async with connected(through) as client:
        await client.subscribe("b", after=cursor)
        rest = await client.events(18)
    got = [(each["event"]["id"], each["event"]["version"]) for each in [*found, *rest]]
    assert len(got) == len(set(got)) == 30
    assert {identity for identity, _ in got} == {doc["id"] for doc in sent}


async def test_over_event_streams(through: Service, stage: Stage) -> None:
    headers = through.signed_in() | {"Accept": "text/event-stream"}
    found: list[str] = []
    async with (
        httpx.AsyncClient(headers=headers, timeout=30) as client,
        client.stream("POST", f"{through.url}/graphql", json={"query": EVENTS}) as response,
    ):
        assert response.status_code == 200
        sent: list[str] = []
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            message = json.loads(line.removeprefix("data: "))["data"]["events"]
            if message["event"] is None:
                if not sent:
                    sent = [doc["id"] for doc in await stage.more(10)]
                continue
            found.append(message["event"]["id"])
            if len(found) == 10:
                break
    assert sorted(found) == sorted(sent)


async def test_what_is_refused_before_it_begins(through: Service) -> None:
    """By the hub's check, in the words of the single process."""
    wrong = {"filter": {"confidence": {"in": [0.5] * 1_001}}}
    async with connected(through) as client:
        for number, (variables, code) in enumerate(((wrong, "TOO_COMPLEX"),)):
            await client.subscribe(str(number), **variables)
            message = await client.receive(20)
            assert message["type"] == "error" or message["payload"].get("errors"), message
            assert code in json.dumps(message)
    async with connected(through) as client:
        await client.subscribe("forged", after="forged")
        message = await client.receive(20)
        assert "CURSOR_INVALID" in json.dumps(message)


async def test_without_a_token(through: Service) -> None:
    headers = {"Accept": "text/event-stream"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        answer = await client.post(f"{through.url}/graphql", json={"query": EVENTS})
    assert "UNAUTHENTICATED" in answer.text
