"""A subscriber gets every event once, however often and wherever it connects again."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import connected
from tests.contract.streams.stage import Stage


def ids(deliveries: list[dict[str, Any]]) -> list[str]:
    return [each["event"]["id"] for each in deliveries]


async def test_live_events_come_once_and_in_order(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1")
        first = await client.delivery()
        assert first["event"] is None
        docs = await stage.more(300)
        found = await client.events(300)
    assert sorted(ids(found)) == [doc["id"] for doc in docs]
    cameras = {doc["id"]: doc["camera"] for doc in docs}
    for camera in set(cameras.values()):
        of = [each for each in ids(found) if cameras[each] == camera]
        assert of == sorted(of)


async def test_the_same_cursor_goes_on_in_another_process(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1")
        await client.delivery()
        before = await stage.more(100)
        found = await client.events(40)
    await stage.store()
    with serving(stage.hub(stream_log_events=10)) as other:
        async with connected(other) as client:
            await client.subscribe("1", after=found[-1]["cursor"])
            found += await client.events(30)
            cursor = found[-1]["cursor"]
    after = await stage.more(100)  # stored by nobody
    async with connected(service) as client:
        await client.subscribe("1", after=cursor)
        found += await client.events(130)
    expected = [doc["id"] for doc in before + after]
    assert sorted(ids(found)) == expected
    print(f"sent {len(expected)}, delivered {len(found)}, repeated 0, lost 0")


async def test_without_the_writer_what_is_not_in_memory_waits_for_it(stage: Stage) -> None:
    await stage.store()
    with serving(stage.hub(stream_log_events=10)) as small:
        async with connected(small) as client:
            await client.subscribe("1")
            cursor = (await client.delivery())["cursor"]
            docs = await stage.more(200)
            await client.events(200)
            await client.subscribe("2", after=cursor)
            while (await client.receive())["id"] != "2":
                pass  # the heartbeat says that it lives
            storing = asyncio.create_task(stage.store())
            found: list[str] = []
            while len(found) < 200:
                message = await client.receive()
                told = message["payload"]["data"]["events"]["event"]
                if message["id"] == "2" and told is not None:
                    found.append(told["id"])
            await storing
    assert sorted(found) == [doc["id"] for doc in docs]


async def test_connecting_again_while_events_flow(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1")
        cursor = (await client.delivery())["cursor"]
    found: list[str] = []

    async def flow() -> list[dict[str, Any]]:
        docs = []
        for _ in range(10):
            docs += await stage.more(60)
        return docs

    async with stage.storing():
        flowing = asyncio.create_task(flow())
        with serving(stage.hub(stream_log_events=10)) as other:
            turn = 0
            while len(found) < 600:
                turn += 1
                async with connected(other if turn % 2 else service) as client:
                    await client.subscribe("1", after=cursor)
                    wanted = min(47, 600 - len(found))
                    for each in await client.events(wanted):
                        found.append(each["event"]["id"])
                        cursor = each["cursor"]
        docs = await flowing
    expected = [doc["id"] for doc in docs]
    print(f"sent {len(expected)}, delivered {len(found)}, connections {turn}")
    assert sorted(found) == expected
