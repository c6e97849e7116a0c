"""graphql-transport-ws to the letter: messages, errors and close codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import EVENTS, bare, connected
from tests.contract.streams.stage import Stage

TYPENAME = "{ __typename }"


@pytest.fixture(scope="module")
def strict(stage: Stage) -> Iterator[Service]:
    """A hub with small limits."""
    limits: dict[str, Any] = {
        "stream_init_seconds": 0.5,
        "max_subscriptions": 3,
        "max_streams": 12,
        "max_streams_per_caller": 4,
        "stream_ping_seconds": 1,
    }
    with serving(stage.hub(**limits)) as running:
        yield running


async def test_a_query_and_a_mutation_over_the_socket(service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("a", TYPENAME)
        assert await client.receive() == {
            "id": "a",
            "type": "next",
            "payload": {"data": {"__typename": "Query"}},
        }
        assert await client.receive() == {"id": "a", "type": "complete"}
        given = 'input: {code: "none", expectedVersion: 1, reason: "r"}'
        retire = f"mutation {{ retireVenue({given}) {{ version }} }}"
        await client.subscribe("b", retire)
        message = await client.receive()
        assert message["id"] == "b"
        assert "FORBIDDEN" in json.dumps(message)


async def test_ping_and_pong(service: Service) -> None:
    async with bare(service) as client:
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}
        await client.send("ping", payload={"n": 1})
        assert await client.receive() == {"type": "pong", "payload": {"n": 1}}
        await client.send("pong")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { events(after: "forged") { cursor } }', "CURSOR_INVALID"),
        ('subscription { events(filter: {camera: {eq: "x"}}) { cursor } }', None),
    ],
)
async def test_errors_of_an_operation(service: Service, query: str, code: str | None) -> None:
    async with connected(service) as client:
        await client.subscribe("1", query)
        message = await client.receive()
        if code is None:
            assert message["type"] in ("next", "error")
        else:
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == code
        await client.subscribe("1", TYPENAME) if code else None
        assert (await client.receive())["id"] == "1"


async def test_events_need_a_token(service: Service) -> None:
    async with bare(service) as client:
        await client.send("connection_init")
        assert (await client.receive())["type"] == "connection_ack"
        await client.subscribe("1")
        message = await client.receive()
        assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_token_may_be_in_the_handshake(service: Service) -> None:
    async with bare(service, additional_headers=service.signed_in()) as client:
        await client.send("connection_init")
        await client.receive()
        await client.subscribe("1")
        assert (await client.delivery())["event"] is None


async def test_a_wrong_token_in_the_handshake_is_refused_by_http(service: Service) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with bare(service, additional_headers={"Authorization": "Bearer x"}):
            pass
    assert refused.value.response.status_code == 401


CLOSES: dict[str, tuple[list[Any], int]] = {
    "subscribe before init": (
        [{"type": "subscribe", "id": "1", "payload": {"query": TYPENAME}}],
        4401,
    ),
    "init twice": ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
    "not JSON": (["nonsense"], 4400),
    "binary": ([b"{}"], 4400),
    "not an object": ([[1]], 4400),
    "unknown type": ([{"type": "start"}], 4400),
    "payload of init": ([{"type": "connection_init", "payload": 1}], 4400),
    "a wrong token": (
        [{"type": "connection_init", "payload": {"Authorization": "Bearer x"}}],
        4403,
    ),
    "a wrong gateway": ([{"type": "connection_init", "payload": {"X-Hub-Gateway": "x"}}], 4403),
    "id missing": (
        [{"type": "connection_init"}, {"type": "subscribe", "payload": {"query": TYPENAME}}],
        4400,
    ),
    "payload missing": ([{"type": "connection_init"}, {"type": "subscribe", "id": "1"}], 4400),
    "query missing": (
        [{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {}}],
        4400,
    ),
    "complete without id": ([{"type": "connection_init"}, {"type": "complete"}], 4400),
    "10 MB": ([b"x" * 10_000_000], 1009),
    "10 MB of text": (["x" * 10_000_000], 1009),
}


@pytest.mark.parametrize("name", list(CLOSES))
async def test_close_codes(service: Service, name: str) -> None:
    messages, code = CLOSES[name]
    async with bare(service) as client:
        for message in messages:
            raw = message if isinstance(message, str | bytes) else json.dumps(message)
            with suppress(ConnectionClosed):
                await client.connection.send(raw)
        found, reason = await client.closed()
    assert found == code, reason


async def test_the_same_id_twice(service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1")
        await client.delivery()
        await client.subscribe("1")
        assert await client.closed() == (4409, "Subscriber for 1 already exists")


async def test_complete_frees_the_id(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        for _ in range(3):
            await client.subscribe("1")
            await client.delivery()
            await client.send("complete", id="1")
        await client.subscribe("2", TYPENAME)
        assert (await client.receive())["id"] == "2"


async def test_another_subprotocol(service: Service) -> None:
    for offered in (["graphql-ws"], None):
        async with bare(service, subprotocols=offered) as client:
            assert (await client.closed())[0] == 4406


async def test_no_init_in_time(strict: Service) -> None:
    async with bare(strict) as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_too_many_operations_on_a_connection(strict: Service) -> None:
    async with connected(strict) as client:
        for n in range(3):
            await client.subscribe(str(n))
            await client.delivery()
        await client.subscribe("3")
        message = await client.receive()
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        await client.send("complete", id="0")
        await client.subscribe("3")
        assert (await client.delivery())["event"] is None


async def test_too_many_connections(strict: Service) -> None:
    async def one(subject: str, held: asyncio.Event) -> int:
        async with bare(strict) as client:
            token = f"Bearer {strict.token(subject)}"
            await client.send("connection_init", payload={"Authorization": token})
            message = asyncio.create_task(client.closed(20))
            await asyncio.wait(
                (message, asyncio.create_task(held.wait())), return_when="FIRST_COMPLETED"
            )
            if message.done():
                return message.result()[0]
            message.cancel()
            return 0

    held = asyncio.Event()
    of_one = [asyncio.create_task(one("li", held)) for _ in range(6)]
    await asyncio.sleep(0.5)
    others = [asyncio.create_task(one(f"other{n}", held)) for n in range(8)]
    await asyncio.sleep(0.5)
    with pytest.raises(InvalidStatus) as refused:
        async with bare(strict):
            pass
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["Retry-After"]
    held.set()
    assert sorted(await asyncio.gather(*of_one)) == [0, 0, 0, 0, 1013, 1013]
    assert await asyncio.gather(*others) == [0] * 8
    async with connected(strict):
        pass


async def test_a_flood_is_refused_and_forgotten(strict: Service) -> None:
    async def one() -> int:
        try:
            async with bare(strict) as client:
                return (await client.closed())[0]
        except InvalidStatus as refused:
            return refused.response.status_code

    found = await asyncio.gather(*(one() for _ in range(200)))
    print({code: found.count(code) for code in set(found)})
    assert set(found) == {503, 4408}
    assert found.count(4408) <= 24
    async with connected(strict):
        pass


async def test_a_token_that_expires_ends_the_connection(service: Service) -> None:
    issuer = service.hub.issuer
    leeway = issuer._leeway
    token = issuer.issue("li", hours=(1.2 - leeway) / 3600 if leeway < 1 else 1 / 3600)
    caller = issuer.verify(token)
    assert caller.expires is not None
    object.__setattr__(caller, "expires", caller.expires - leeway)
    async with bare(service) as client:
        await client.send("connection_init", payload={"Authorization": f"Bearer {token}"})
        await client.receive()
        await client.subscribe("1", EVENTS)
        assert (await client.delivery())["event"] is None
        code, reason = await client.closed()
    assert code == 4403
    assert "expired" in reason


async def test_heartbeats_carry_the_cursor(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1")
        first = await client.delivery()
        assert (await client.delivery())["event"] is None
        docs = await stage.more(3)
        assert len(await client.events(3)) == 3
        beat = await client.delivery()
        assert beat["event"] is None
        assert beat["cursor"] != first["cursor"]
    async with connected(service) as client:
        await client.subscribe("1", after=beat["cursor"])
        assert (await client.delivery())["event"] is None, docs


async def test_a_restart_tells_clients_to_come_again(stage: Stage) -> None:
    with serving(stage.hub()) as running:
        async with connected(running) as client:
            await client.subscribe("1")
            await client.delivery()
            closing = asyncio.create_task(client.closed())
            running.stop()
            assert (await closing)[0] == 1012
