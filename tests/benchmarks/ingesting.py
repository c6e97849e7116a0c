"""How fast `hub ingest` makes events of detections, and how soon subscribers get them."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import psutil

from hub.engines.ports import choose
from hub.ingest.generated import eyes_of, send_generated
from resolvers.stores.postgres import Postgres
from resolvers.stores.sender import Outgoing, Sender
from schema.wire import detection_key
from tests.benchmarks.event_stage import ANY, GROUPS, PARTITIONS, Topic
from tests.benchmarks.event_stage import subscribers as subscribing
from tests.benchmarks.fan_out import asked
from tests.benchmarks.stack import HUB

RATE = 100
"""Events a second at which latency is measured."""


@dataclass
class Ingest:
    """A running `hub ingest`."""

    process: psutil.Process
    port: int

    async def counts(self) -> dict[str, float]:
        """What it says it has done; nothing before it serves its figures."""
        try:
            async with httpx.AsyncClient() as client:
                text = (await client.get(f"http://127.0.0.1:{self.port}/metrics")).text
        except httpx.TransportError:
            return {}
        lines = (line.split() for line in text.splitlines() if line.startswith("hub_ingest_"))
        return {
            name.removeprefix("hub_ingest_").removesuffix("_total"): float(n) for name, n in lines
        }

    def used(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def ingesting(topic: Topic) -> Iterator[Ingest]:
    """A `hub ingest` for the length of the block."""
    port = choose(set())
    process = subprocess.Popen(
        [str(HUB), "ingest", "--metrics-port", str(port)],
        env=topic.environment(),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Ingest(psutil.Process(process.pid), port)
    finally:
        process.terminate()
        process.wait(60)


async def ingest(topic: Topic, count: int) -> dict[str, Any]:
    """Detections that wait on their topic: to versions on `events`, and in PostgreSQL.

    The time begins with the first transaction after the start, so that starting is left out; what
    is new in the change log was put on its topic before.
    """
    with ingesting(topic) as running:
        await _relayed(running)
    settings = topic.stack.settings.model_copy(
        update={"topic_prefix": topic.prefix, "event_partitions": PARTITIONS}
    )
    await send_generated(settings, topic.at, rate=0, seed=1, count=count)
    found: dict[str, Any] = {"detections": count, "processes": 1}
    with ingesting(topic) as running:
        first: dict[str, float] = {}
        began = used = 0.0
        while True:
            counts = await running.counts()
            now = time.monotonic()
            if not first and counts.get("read", 0) > 0:
                first, began, used = counts, now, running.used()
            if first and "events_per_s" not in found and counts["read"] >= count:
                found["events_per_s"] = round((counts["read"] - first["read"]) / (now - began))
            if first and counts["stored"] >= counts["versions"] and counts["read"] >= count:
                break
            await asyncio.sleep(0.02)
        cpu = running.used() - used
        stored = counts["stored"] - first["stored"]
        found["stored_per_s"] = round(stored / (now - began))
        found["stored_per_cpu_s"] = round(stored / cpu)
        found["busy"] = round(cpu / (now - began), 2)
        found["versions"] = int(counts["versions"])
        found["memory_mb"] = round(running.process.memory_info().rss / 1e6)
    return found


async def _relayed(running: Ingest) -> None:
    """Wait until all changes of the graph are on their topic."""
    before, relayed = -1.0, 0.0
    while before < relayed or not relayed:
        await asyncio.sleep(2)
        before, relayed = relayed, (await running.counts()).get("relayed", 0.0)


async def latency(topic: Topic, seconds: float) -> dict[str, Any]:
    """From an event's append to the topic `events` to its arrival at subscribers."""
    found: dict[str, Any] = {"events_per_s": RATE, "seconds": seconds}
    with topic.hub() as server:
        for name, group, count in (("one", [ANY], 1), ("groups_50", asked("hub"), len(GROUPS))):
            async with subscribing() as clients:
                await clients.open(server, group, count)
                await topic.steady(RATE, 2)
                await asyncio.sleep(1)
                await clients.ask("count")
                sent = await topic.steady(RATE, seconds)
                expected = sent if name == "one" else 3 * sent
                told = await clients.ask("wait", messages=expected, seconds=20)
                found[name] = _told(told, expected)
    return found


async def latency_through(topic: Topic, seconds: float) -> dict[str, Any]:
    """From a detection's append to its topic, through `hub ingest`, to a subscriber."""
    postgres = await Postgres.open(topic.at.postgres_service_dsn)
    try:
        codes = [eye.code for eye in await eyes_of(postgres)][:500]
    finally:
        await postgres.close()
    sender = Sender(topic.at, seconds=60)

    async def send(number: int, of: float) -> None:
        began = datetime.fromtimestamp(of + number / RATE, UTC)
        camera = codes[number % len(codes)]
        detection = {
            "key": detection_key(camera, "ILLEGAL_PARKING", None, began),
            "type": "ILLEGAL_PARKING",
            "phase": "SEEN",
            "camera": camera,
            "startedAt": began.isoformat(),
            "capturedAt": began.isoformat(),
            "confidence": 0.9,
            "rule": f"t{time.monotonic_ns():020}",
            "ruleVersion": "1",
            "source": "bench",
        }
        message = orjson.dumps(detection)
        await sender.send([Outgoing(topic.names.detections, camera.encode(), message)])

    async def steady(of: float, length: float) -> int:
        began, count = time.monotonic(), int(RATE * length)
        async with asyncio.TaskGroup() as sending:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
                sending.create_task(send(number, of))
        return count

    try:
        with topic.hub() as server, ingesting(topic) as running:
            async with subscribing() as clients:
                await clients.open(server, [ANY], 1)
                await _relayed(running)
                now = time.time()
                warm = await steady(now - 1_000, 3)
                await clients.ask("wait", messages=warm, seconds=30)
                await clients.ask("count")
                sent = await steady(now - 500, seconds)
                told = await clients.ask("wait", messages=sent, seconds=30)
    finally:
        await sender.close()
    return {"events_per_s": RATE, "seconds": seconds, **_told(told, sent)}


def _told(told: dict[str, Any], expected: int) -> dict[str, Any]:
    times = {name: round(told[name], 1) for name in ("p50_ms", "p99_ms", "longest_ms")}
    return {**times, "messages": told["messages"], "missing": expected - told["messages"]}
