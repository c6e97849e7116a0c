"""Connections that have not sent connection_init cost little, and are few."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import bare, connected
from tests.contract.streams.stage import Stage

FLOODS = {
    "one of 900 kB": (900_000, 1),
    "one of 200 kB": (200_000, 1),
    "many of 1 kB": (1_000, 100),
    "many empty ones": (0, 300),
}
"""Size and number of the fragments of a message that never ends."""


def memory() -> int:
    """Bytes of memory of this process, in which the hub runs too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.parametrize("name", list(FLOODS))
async def test_an_unfinished_message_is_not_kept(
    service: Service, name: str, full_scale: bool
) -> None:
    size, number = FLOODS[name]
    fragment = "x" * size

    async def parts() -> AsyncIterator[str]:
        for _ in range(number):
            yield fragment
        await asyncio.sleep(3)

    async def one() -> int:
        async with bare(service) as client:
            with suppress(ConnectionClosed):
                sending = asyncio.create_task(client.connection.send(parts()))
                closed = await client.closed()
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            return closed[0]

    before = memory()
    count = 400 if full_scale else 60
    found = await asyncio.gather(*(one() for _ in range(count)))
    print(f"{count} floods of {name}: memory {before / 1e6:.0f} -> {memory() / 1e6:.0f} MB")
    assert found == [1009] * count
    async with connected(service):
        pass


async def test_a_message_before_init_may_have_eight_kilobytes(service: Service) -> None:
    async with bare(service) as client:
        await client.send("connection_init", payload={"x": "y" * 8_000})
        assert (await client.receive())["type"] == "connection_ack"
    async with bare(service) as client:
        await client.send("connection_init", payload={"x": "y" * 8_200})
        assert (await client.closed())[0] == 1009


async def test_a_message_afterwards_may_have_more(service: Service) -> None:
    async with bare(service) as client:
        ask = {"query": "{ __typename }", "variables": {"x": "y" * 200_000}}
        begin = json.dumps({"type": "connection_init"})
        first = json.dumps({"type": "subscribe", "id": "1", "payload": ask})
        await client.connection.send(begin)
        await client.connection.send(first)  # without waiting for the answer
        assert (await client.receive())["type"] == "connection_ack"
        assert (await client.receive())["type"] in ("next", "error")
    async with connected(service) as client:
        text = json.dumps({"type": "subscribe", "id": "1", "payload": ask})
        await client.connection.send([text[at : at + 16_000] for at in range(0, len(text), 16_000)])
        assert (await client.receive())["id"] == "1"
        await client.receive()
        await client.send("ping", payload={"x": "y" * 262_144})
        assert (await client.closed())[0] == 1009


async def test_newcomers_are_few(stage: Stage) -> None:
    limits = {"max_new_streams": 6, "max_new_streams_per_address": 4}

    async def refused(service: Service, address: str) -> bool:
        try:
            async with bare(service, local_addr=(address, 0)):
                return False
        except InvalidStatus as error:
            return error.response.status_code == 503 and "Retry-After" in error.response.headers

    with serving(stage.hub(**limits)) as small:
        async with AsyncExitStack() as held:
            entered = [
                await held.enter_async_context(bare(small, local_addr=("127.0.0.1", 0)))
                for _ in range(4)
            ]
            assert await refused(small, "127.0.0.1")
            for _ in range(2):
                await held.enter_async_context(bare(small, local_addr=("127.0.0.2", 0)))
            assert await refused(small, "127.0.0.2")
            await entered[0].send("connection_init")
            assert (await entered[0].receive())["type"] == "connection_ack"
            for _ in range(5):
                assert not await refused(small, "127.0.0.1")
                await asyncio.sleep(0.1)
        admission = small.hub.operations.admission
        async with asyncio.timeout(5):
            while admission.count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert not admission._new
