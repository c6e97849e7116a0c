"""What the benchmarks of events share: topics of their own, servers, subscribers, events."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psutil
from aiokafka import AIOKafkaProducer

from hub.engines import addresses
from hub.engines.ports import choose
from hub.ingest.names import Names
from resolvers.stores.kafka import end, make_producer, partition_of
from resolvers.stores.topics import ensure_topics
from schema.wire import EventType
from tests.benchmarks.stack import HUB, Stack, wait_for
from tests.contract.streams.stage import event

PARTITIONS = 6
TYPES = [str(each) for each in EventType]
GRIDS = 40
COMMUNITIES = 3
GROUPS = [
    *({"grid": f"G{n}"} for n in range(GRIDS)),
    *({"within": f"C{n}"} for n in range(COMMUNITIES)),
    *({"type": each} for each in TYPES),
]
"""50 filters; each event matches three of them: its grid, its community and its type."""
MATCHED = 3
FIELDS = "cursor left event { id version type phase status openedAt updatedAt confidence rule }"
ANY = {"query": f"subscription($after: Cursor) {{ events(after: $after) {{ {FIELDS} }} }}"}


def stamped(number: int, **changes: Any) -> dict[str, Any]:
    """An event that tells when it was made, for the subscribers of `tests.benchmarks`."""
    grid = number % GRIDS
    path = ["D0", f"C{grid % COMMUNITIES}", f"G{grid}"]
    camera = f"{number % 997:020}"
    rule = f"t{time.monotonic_ns():020}"
    kind = TYPES[number % len(TYPES)]
    return event(number, camera=camera, grid=f"G{grid}", path=path, rule=rule, type=kind, **changes)


@dataclass
class Server:
    """A server under test."""

    name: str
    port: int
    token: str
    process: psutil.Process

    def used(self) -> float:
        """Seconds of processor time, so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Resident bytes."""
        return int(self.process.memory_info().rss)


class Subscribers:
    """The process of `tests.benchmarks.subscribers`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, do: str, **asked: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **asked}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return answer

    async def open(
        self, server: Server, group: Sequence[dict[str, Any]], count: int
    ) -> dict[str, Any]:
        """Open so many connections, the subscriptions of `group` in turn."""
        path = "/graphql/" if server.name == "strawberry" else "/graphql"
        return await self.ask(
            "open", port=server.port, path=path, token=server.token, group=group, count=count,
            greeted=server.name == "hub",
        )  # fmt: skip


@asynccontextmanager
async def subscribers() -> AsyncIterator[Subscribers]:
    """A process of subscribers for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.subscribers",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Subscribers(process)
    finally:
        process.kill()
        await process.wait()


class Topic:
    """Topics of events of their own, under a new prefix."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.prefix = f"bench{uuid.uuid4().hex[:6]}."
        self.names = Names(self.prefix)
        self.at = addresses(stack.settings)
        self.number = 0
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Topic:
        await ensure_topics(self.at, self.names.topics(PARTITIONS))
        self._producer = await make_producer(self.at, max_batch_size=500_000)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._producer is not None:
            await end(self._producer)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **self.stack.environment,
            "HUB_TOPIC_PREFIX": self.prefix,
            "HUB_EVENT_PARTITIONS": str(PARTITIONS),
            "HUB_MAX_STREAMS_PER_CALLER": "20000",
            "HUB_LOG_LEVEL": "warning",
            **more,
        }

    async def send(self, doc: dict[str, Any]) -> asyncio.Future[Any]:
        """Put an event on the topic; what is given is done once Kafka has acknowledged it."""
        assert self._producer is not None
        self.number += 1
        camera = doc["camera"]
        place = partition_of(camera, PARTITIONS)
        return await self._producer.send(  # type: ignore[no-any-return]
            self.names.events, orjson.dumps(doc), camera.encode(), place
        )

    async def burst(self, count: int) -> None:
        """So many new events, as fast as Kafka takes them."""
        await asyncio.gather(*[await self.send(stamped(self.number)) for _ in range(count)])

    async def steady(self, rate: float, seconds: float) -> int:
        """New events at a rate; how many."""
        began, count = time.monotonic(), int(rate * seconds)
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            await self.send(stamped(self.number))
        return count

    @contextmanager
    def hub(self, **environment: str) -> Iterator[Server]:
        """A serving hub on these topics."""
        port = choose(set())
        token = self.stack.hub("token", "--subject", "bench", "--role", "steward").strip()
        command = [str(HUB), "serve", "--port", str(port)]
        with _running(command, self.environment(**environment)) as process:
            wait_for(f"http://127.0.0.1:{port}/ready")
            yield Server("hub", port, token, process)

    @contextmanager
    def peer(self, name: str, command: Sequence[str]) -> Iterator[Server]:
        """Another server on the same topic: it is given its port and the topic as arguments, and
        in the variable KAFKA how Kafka is reached."""
        port = choose(set())
        told = [*command, str(port), self.names.events]
        kafka = json.dumps(self.at.kafka_options())
        with _running(told, {**os.environ, "KAFKA": kafka}) as process:
            wait_for_port(port)
            time.sleep(5)  # for its consumer to stand at the topic's end
            yield Server(name, port, "", process)


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[psutil.Process]:
    with many_files():
        process = subprocess.Popen(command, env=environment)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def many_files() -> Iterator[None]:
    """Let processes that are started meanwhile open as many files as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def wait_for_port(port: int, seconds: float = 30) -> None:
    """Wait until something listens. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
