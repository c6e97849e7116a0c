"""Which cursors a stream goes on from, and what the others are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from resolvers.bulk import BulkWriter
from resolvers.cursors import CursorKey
from resolvers.stores.event_log import stored_vector
from tests.contract.service import Service, serving
from tests.contract.streams.socket_client import Client, connected
from tests.contract.streams.stage import PARTITIONS, Stage
from tests.small_district import batches

CHANGES = (
    "subscription($after: Cursor) { graphChanges(after: $after) "
    "{ cursor change { position type code version } } }"
)


@pytest.fixture(scope="module")
def service(stage: Stage) -> Iterator[Service]:
    """A hub that keeps little in memory."""
    with serving(stage.hub(stream_log_events=10, heartbeat_seconds=60)) as running:
        yield running


def key(service: Service) -> CursorKey:
    return CursorKey(service.hub.keys.cursor)


async def refused(client: Client, identity: str, after: str) -> dict[str, Any]:
    """The error that a subscription after this cursor gets."""
    await client.subscribe(identity, after=after)
    message = await client.receive()
    assert message["type"] == "error", message
    error: dict[str, Any] = message["payload"][0]
    return error


async def test_cursors_that_are_refused(stage: Stage, service: Service) -> None:
    await stage.more(30)
    await stage.store()
    stored = await stored_vector(stage.postgres)
    assert stored is not None
    sign = key(service).sign
    beyond = [offset + 1_000_000 for offset in stored.offsets]
    cursors = {
        "x": "CURSOR_INVALID",
        sign(["events:OPENED_AT", 1, 2]): "CURSOR_INVALID",
        sign(["events", stored.topic_id, "x"]): "CURSOR_INVALID",
        CursorKey(b"y" * 16).sign(["events", stored.topic_id, [0, 0, 0]]): "CURSOR_INVALID",
        sign(["events", "0" * 32, [0, 0, 0]]): "CURSOR_EXPIRED",
        sign(["events", stored.topic_id, beyond]): "CURSOR_EXPIRED",
    }
    async with connected(service) as client:
        for n, (cursor, code) in enumerate(cursors.items()):
            error = await refused(client, str(n), cursor)
            assert error["extensions"]["code"] == code, cursor
            if code == "CURSOR_EXPIRED":
                assert "liveCursor" in error["message"]


async def test_a_cursor_from_before_what_was_pruned(stage: Stage, service: Service) -> None:
    await stage.more(30)
    await stage.store()
    stored = await stored_vector(stage.postgres)
    assert stored is not None
    start = key(service).sign(["events", stored.topic_id, [0] * PARTITIONS])
    async with connected(service) as client:
        await client.subscribe("1", after=start)
        assert len(await client.events(len(stage.sent))) == len(stage.sent)
        await client.send("complete", id="1")
        await stage.postgres.execute("update event_positions set first_offset = 1")
        error = await refused(client, "2", start)
        assert error["extensions"]["code"] == "CURSOR_EXPIRED"
    await stage.postgres.execute("update event_positions set first_offset = 0")


async def test_changes_of_the_graph(stage: Stage, service: Service) -> None:
    async with connected(service) as client:
        await client.subscribe("1", CHANGES)
        greeting = await client.delivery()
        assert greeting["change"] is None
        writer = BulkWriter(stage.postgres, service.hub.catalog, actor="test", source="generated")
        for batch in batches(10):
            assert not (await writer.write(batch)).rejections
        count = await stage.postgres.fetchval("select count(*) from entity_versions")
        found: list[dict[str, Any]] = []
        while len(found) < count:
            each = await client.delivery()
            found += [each] if each["change"] is not None else []
    assert len({tuple(each["change"].values()) for each in found}) == count
    positions = [int(each["change"]["position"]) for each in found]
    assert positions == sorted(positions)
    middle = count // 2
    async with connected(service) as client:
        await client.subscribe("1", CHANGES, after=found[middle]["cursor"])
        again = [await client.delivery() for _ in range(count - middle - 1)]
    assert [each["change"] for each in again] == [each["change"] for each in found[middle + 1 :]]
    print(f"changes {count}, delivered {len(found)}, again after the middle {len(again)}")
