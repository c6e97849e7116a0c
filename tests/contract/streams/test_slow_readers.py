"""Who reads too slowly holds up nobody, costs a bounded amount, and loses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import Client, connected
from tests.contract.streams.stage import Stage, event

FAT = "subscription($after: Cursor) { events(after: $after, coalesce: %s) "
FIELDS = "{ cursor left skipped event { id version attributes } } }"
PLAIN, COALESCED = FAT % "false" + FIELDS, FAT % "true" + FIELDS
HEAVY = {"text": "x" * 8_000}


@pytest.fixture(scope="module")
def small(stage: Stage) -> Iterator[Service]:
    """A hub with small buffers and little patience."""
    limits: dict[str, Any] = {"stream_buffer_bytes": 65_536, "stream_lag_seconds": 3}
    with serving(stage.hub(**limits)) as running:
        yield running


def stop_reading(client: Client) -> None:
    client.connection.transport.pause_reading()


def read_again(client: Client) -> None:
    client.connection.transport.resume_reading()


async def deliveries_until_close(client: Client) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What still comes, and the error it ends with."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        async for text in client.connection:
            message = json.loads(text)
            if message["type"] == "error":
                await client.connection.wait_closed()
                return found, message["payload"][0]
            delivery = message["payload"]["data"]["events"]
            if delivery["event"] is not None:
                found.append(delivery)
    raise AssertionError("no error came")


async def test_a_slow_reader_is_closed_with_its_cursor(stage: Stage, small: Service) -> None:
    async with connected(small) as slow, connected(small) as quick:
        await slow.subscribe("1", PLAIN)
        await quick.subscribe("1", PLAIN)
        await slow.delivery()
        await quick.delivery()
        stop_reading(slow)
        docs = await stage.more(1_500, attributes=HEAVY)
        got = await quick.events(1_500)
        assert len(got) == 1_500
        await asyncio.sleep(4)
        read_again(slow)
        found, error = await deliveries_until_close(slow)
        assert slow.connection.close_code == 4413
    assert error["extensions"]["code"] == "READER_TOO_SLOW"
    last = error["extensions"]["cursor"]
    async with connected(small) as again:
        await again.subscribe("1", PLAIN, after=last)
        found += await again.events(1_500 - len(found))
    assert sorted(each["event"]["id"] for each in found) == [doc["id"] for doc in docs]
    print(f"sent 1500, delivered {len(found)}")


async def test_one_who_reads_again_in_time_gets_everything(stage: Stage, small: Service) -> None:
    async with connected(small) as slow:
        await slow.subscribe("1", PLAIN)
        await slow.delivery()
        stop_reading(slow)
        docs = await stage.more(1_200, attributes=HEAVY)
        await asyncio.sleep(1)
        read_again(slow)
        found = await slow.events(1_200)
    assert sorted(each["event"]["id"] for each in found) == [doc["id"] for doc in docs]


async def test_coalescing_tells_how_many_are_left_out(stage: Stage, small: Service) -> None:
    async with connected(small) as slow:
        await slow.subscribe("1", COALESCED)
        await slow.delivery()
        stop_reading(slow)
        number = stage.next
        stage.next += 1
        versions = [event(number, version=n, attributes=HEAVY) for n in range(1, 1_501)]
        await stage.produce(versions)
        await asyncio.sleep(1)
        read_again(slow)
        found: list[dict[str, Any]] = []
        while not found or found[-1]["event"]["version"] < 1_500:
            found += await slow.events(1)
    told = sum(1 + each["skipped"] for each in found)
    print(f"sent 1500, delivered {len(found)}, said to be left out {told - len(found)}")
    assert told == 1_500
    assert len(found) < 1_500
    assert [each["event"]["version"] for each in found] == sorted(
        each["event"]["version"] for each in found
    )
