"""How fast stored events come again to a subscriber that goes on from an old cursor."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from hub.keys import Keys
from resolvers.cursors import CursorKey
from resolvers.stores.event_log import ensure_epoch
from resolvers.stores.kafka import partition_of
from resolvers.stores.postgres import Postgres
from resolvers.stores.topics import topic_id
from tests.benchmarks.event_stage import ANY, FIELDS, PARTITIONS, Server, Topic, stamped
from tests.benchmarks.event_stage import subscribers as subscribing

COLUMNS = (
    "epoch", "partition", "topic_offset", "recorded_at", "id", "version", "camera", "type", "doc",
)  # fmt: skip
BATCH = 10_000
NARROW = f"{7:020}"
"""The camera of the narrow filter: one of 997."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


async def replay(topic: Topic, count: int) -> dict[str, Any]:
    """Versions a second through one subscriber, from the first of `count` stored ones on."""
    name = await topic_id(topic.at, topic.names.events)
    await _store(topic, name, count)
    key = CursorKey(Keys(topic.stack.settings.data / "keys").cursor)
    after = key.sign(["events", name, [0] * PARTITIONS])
    narrow = f"""subscription($after: Cursor) {{
        events(filter: {{camera: {{eq: "{NARROW}"}}}}, after: $after) {{ {FIELDS} }} }}"""
    found: dict[str, Any] = {"stored": count}
    with topic.hub() as server:
        matching = count // 997 + (count % 997 > 7)
        for what, query, expected in (("all", ANY["query"], count), ("narrow", narrow, matching)):
            asked = {"query": query, "variables": {"after": after}}
            rounds = [await _one(server, asked, count, expected) for _ in range(3)]
            found[what] = min(rounds, key=lambda each: each["seconds"])
            print("replay", what, rounds, flush=True)
    return found


async def _one(server: Server, asked: dict[str, Any], count: int, expected: int) -> dict[str, Any]:
    async with subscribing() as clients:
        used, began = server.used(), time.monotonic_ns()
        await clients.open(server, [asked], 1)
        told = await clients.ask("wait", messages=expected, seconds=300)
        seconds = (told["last"] - began) / 1e9
        cpu = server.used() - used
    return {
        "seconds": round(seconds, 2),
        "read_per_s": round(count / seconds),
        "delivered": told["messages"],
        "missing": expected - told["messages"],
        "server_cpu_s": round(cpu, 2),
        "client_cpu_s": round(told["cpu_seconds"], 2),
    }


async def _store(topic: Topic, name: str, count: int) -> None:
    """Put events on the topic and, by COPY, into PostgreSQL, as if the writer had stored them."""
    postgres = await Postgres.open(topic.at.postgres_service_dsn)
    try:
        epoch = (await ensure_epoch(postgres, name, PARTITIONS)).number
        await postgres.fetch("select event_month($1)", BEGAN)
    finally:
        await postgres.close()
    owner = await asyncpg.connect(topic.at.postgres_owner_dsn)
    next_offset = [0] * PARTITIONS
    try:
        for start in range(0, count, BATCH):
            rows, sent = [], []
            for number in range(start, min(start + BATCH, count)):
                at = BEGAN + timedelta(milliseconds=number)
                doc = stamped(number, recordedAt=f"{at:%Y-%m-%dT%H:%M:%S.%f}Z")
                place = partition_of(doc["camera"], PARTITIONS)
                text = orjson.dumps(doc).decode()
                told = (doc["id"], doc["version"], doc["camera"], doc["type"], text)
                rows.append((epoch, place, next_offset[place], at, *told))
                next_offset[place] += 1
                sent.append(await topic.send(doc))
            await asyncio.gather(*sent)
            await owner.copy_records_to_table("event_versions", records=rows, columns=COLUMNS)
        for place, offset in enumerate(next_offset):
            await owner.execute(
                "update event_positions set next_offset = $3 where epoch = $1 and partition = $2",
                epoch, place, offset,
            )  # fmt: skip
        await owner.execute("analyze event_versions")
    finally:
        await owner.close()
