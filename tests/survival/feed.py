"""Senders of detections, over Kafka and over HTTP, that remember what was acknowledged.

Each episode is told in order, and its next detection is sent when the one before was acknowledged;
what was not is sent again, as docs/ingest.md asks of senders. So the n-th detection of an episode
is accepted exactly once, and makes version n of its event.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson

from resolvers.errors import StoreUnavailable
from tests.events_for_tests import BEGAN, CAMERAS, EventStores, camera, event_of, seen

TYPES = ("ILLEGAL_PARKING", "GARBAGE_PILE", "PEOPLE_FLOW", "BIN_OVERFLOW")
LENGTH = 12
"""Detections of an episode, the last one being GONE."""
TICK = 0.1
BATCHED = "application/cloudevents-batch+json"
KINDS = {"SEEN": "city.hub.detection.seen", "GONE": "city.hub.detection.gone"}
TOP = ("phase", "camera", "capturedAt", "source", "key")


class Episode:
    """What happens at one camera; when it is over, the next one begins."""

    def __init__(self, code: str, type: str, first: int) -> None:
        self.code = code
        self.type = type
        self._number = first
        self._told = 0

    def next(self) -> dict[str, Any]:
        """The detection to send now; the same one until `taken`."""
        n = self._told + 1
        began = BEGAN + timedelta(minutes=self._number)
        found = seen(
            self.code,
            began,
            after=n,
            type=self.type,
            phase="GONE" if n == LENGTH else "SEEN",
            confidence=(0.4, 0.8, 0.6)[n % 3],
        )
        found["attributes"] = {"n": n}
        return found

    def taken(self) -> None:
        """The present one was acknowledged."""
        self._told += 1
        if self._told == LENGTH:
            self._told = 0
            self._number += 1


@dataclass
class Sent:
    """Numbers of a feed."""

    sent: int = 0
    """Detections sent, those sent again included."""
    accepted: int = 0
    refused: int = 0
    """Requests that were not acknowledged."""


class Feed:
    """Sends `rate` detections a second, half of them by each way, until it is told to stop."""

    def __init__(
        self, stores: EventStores, urls: Sequence[str], token: str, rate: int, first: int
    ) -> None:
        """`urls`: where POST /ingest/events is; `first` numbers the episodes apart from others'."""
        self._stores = stores
        self._urls = urls
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": BATCHED}
        self._rate = rate
        self._first = first
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.counts = Sent()
        self.accepted: dict[str, int] = {}
        """By event, how many of its detections were acknowledged: 1 to n."""

    def start(self) -> None:
        """Begin, on the running loop."""
        for number, type in enumerate(TYPES):
            episodes = [Episode(camera(i), type, self._first) for i in range(CAMERAS)]
            send = self._by_http if number % 2 else self._by_kafka
            self._tasks.append(asyncio.create_task(self._run(episodes, send)))

    async def stop(self) -> None:
        """Send no more; what was sent is acknowledged when this returns."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def end(self) -> None:
        """Whatever is under way, no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accepts(self, count: int, seconds: float = 120) -> None:
        """Wait until so many more were acknowledged."""
        until, ends = self.counts.accepted + count, time.monotonic() + seconds
        while self.counts.accepted < until:
            for task in self._tasks:
                if task.done():
                    task.result()
            assert time.monotonic() < ends, f"only {self.counts} within {seconds} s"
            await asyncio.sleep(0.02)

    async def _run(self, episodes: list[Episode], send: Any) -> None:
        each = self._rate * TICK / len(TYPES)
        owed, at, due = 0.0, 0, time.monotonic()
        while not self._stopping:
            owed += each
            count = min(int(owed), len(episodes))
            owed -= count
            batch = [episodes[(at + n) % len(episodes)] for n in range(count)]
            at += count
            if batch:
                await self._insist(batch, send)
            due = max(due + TICK, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def _insist(self, batch: list[Episode], send: Any) -> None:
        detections = [episode.next() for episode in batch]
        while True:
            self.counts.sent += len(detections)
            if await send(detections):
                break
            self.counts.refused += 1
            await asyncio.sleep(0.2)
        self.counts.accepted += len(detections)
        for episode, detection in zip(batch, detections, strict=True):
            self.accepted[event_of(detection)] = detection["attributes"]["n"]
            episode.taken()

    async def _by_kafka(self, detections: list[dict[str, Any]]) -> bool:
        try:
            await self._stores.send(detections)
        except StoreUnavailable:
            return False
        return True

    async def _by_http(self, detections: list[dict[str, Any]]) -> bool:
        url = f"{random.choice(self._urls)}/ingest/events"
        body = orjson.dumps([cloud_event(each) for each in detections])
        try:
            async with httpx.AsyncClient(timeout=8, trust_env=False) as client:
                answer = await client.post(url, content=body, headers=self._headers)
        except httpx.TransportError:
            return False
        assert answer.status_code in (202, 503), (answer.status_code, answer.text[:500])
        return answer.status_code == 202


def cloud_event(detection: dict[str, Any]) -> dict[str, Any]:
    """The CloudEvent that a vendor would send of it."""
    return {
        "specversion": "1.0",
        "id": f"{event_of(detection)}-{detection['attributes']['n']}",
        "source": "https://vendor.example/box",
        "type": KINDS[detection["phase"]],
        "subject": detection["camera"],
        "time": detection["capturedAt"],
        "data": {name: value for name, value in detection.items() if name not in TOP},
    }
