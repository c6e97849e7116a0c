"""Kafka stops, is killed, is not there at first: 503, never a 202 for what it does not keep."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from hub.engines import up
from hub.engines.process import ProcessNote
from hub.settings import Settings
from resolvers.errors import StoreUnavailable
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.sender import Outgoing, Sender
from schema.wire import DETECTIONS
from tests.contract.ingest_door.conftest import (
    BATCHED,
    Door,
    door_hub,
    event,
    read_all,
)
from tests.contract.proxy import cable
from tests.contract.service import nothing_there, serving
from tests.engines_for_tests import note_of


def pid_of_kafka(engines: Settings) -> int:
    return int(str(note_of(engines.data, "kafka")["pid"]))


def check_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE", "store": "kafka"}
    assert answer.headers["retry-after"] == "5"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def accepted(door: Door, body: Any) -> int:
    """Send until it is taken, as a sender does; gives how often that was refused."""
    async with asyncio.timeout(60):
        for refused in range(1_000):
            answer = await door.post(body, BATCHED)
            if answer.status_code == 202:
                return refused
            check_unavailable(answer)
            await asyncio.sleep(0.2)
    raise AssertionError("never taken")


async def test_a_broker_that_stops_answering(door: Door, engines: Settings) -> None:
    assert await accepted(door, [event(1)]) == 0
    pid = pid_of_kafka(engines)
    os.kill(pid, signal.SIGSTOP)
    try:
        answers = await asyncio.gather(*(door.post([event(n)], BATCHED) for n in range(10, 20)))
    finally:
        os.kill(pid, signal.SIGCONT)
    for answer in answers:
        check_unavailable(answer)
    refused = await accepted(door, [event(n) for n in range(10, 20)])
    cameras = {record.key.decode() for record in await door.kept()}
    assert {f"CAM{n:04}" for n in range(10, 20)} <= cameras
    print(f"{len(answers)} refused while it stood still, {refused} after")


async def test_a_broker_that_is_killed(door: Door, engines: Settings) -> None:
    taken = 0
    refused = 0

    async def send_all() -> None:
        nonlocal taken, refused
        for number in range(100, 140):
            refused += await accepted(door, [event(number)])
            taken += 1
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send_all())
    await until(lambda: taken >= 10)
    os.kill(pid_of_kafka(engines), signal.SIGKILL)
    await until(lambda: ProcessNote.read(engines.data / "run" / "kafka.json") is None)
    await up(engines)
    await sending
    found = [record.key.decode() for record in await door.kept()]
    kept = {key for key in found if "CAM0100" <= key < "CAM0140"}
    print(f"accepted {taken}, refused {refused}, kept {len(kept)} of 40")
    assert taken == len(kept) == 40


async def test_a_broker_that_is_not_there_at_first(
    store_addresses: StoreAddresses, tmp_path: Path
) -> None:
    host, _, port = store_addresses.kafka_servers.partition(":")
    async with cable(host, int(port)) as kafka:
        kafka.cut()
        at = replace(store_addresses, kafka_servers=f"{host}:{kafka.port}")
        with serving(door_hub(tmp_path, at, "late.", ingest_seconds=1.5)) as service:
            headers = service.signed_in(roles=["detector"])
            door = Door(service, store_addresses, "late." + DETECTIONS, headers)
            check_unavailable(await door.post([event(1)], BATCHED))
            kafka.plug_in()
            await accepted(door, [event(1)])
            assert len(await read_all(store_addresses, door.topic)) == 1


async def test_an_outage_costs_bounded_memory() -> None:
    sender = Sender(nothing_there(), seconds=0.5, most=1_000)
    message = Outgoing("t", b"k", b"v" * 400)
    found = await asyncio.gather(
        *(sender.send([message]) for _ in range(10)), return_exceptions=True
    )
    told = [str(each) for each in found if isinstance(each, StoreUnavailable)]
    assert len(told) == 10
    assert sum("too many" in each for each in told) == 8
    await sender.close()


async def test_a_topic_that_is_not_there(store_addresses: StoreAddresses) -> None:
    sender = Sender(store_addresses, seconds=1)
    with pytest.raises(StoreUnavailable):
        await sender.send([Outgoing("no.such.topic", b"k", orjson.dumps({}))])
    await sender.close()
