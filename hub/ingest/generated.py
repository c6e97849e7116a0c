"""Sending made-up detections of the cameras in the change log, at a steady rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

import orjson

from hub.errors import HubError
from hub.generate.detections import Eye, detections
from hub.ingest.names import Names
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.postgres import Postgres
from resolvers.stores.sender import Outgoing, Sender
from resolvers.stores.topics import ensure_topics

CAMERAS = """
select code, fields -> 'location' as location from entity_versions
where type = 'Camera' and to_position is null and operation <> 'RETIRED' order by code"""

SLICE = 0.05
"""Seconds between two portions."""


async def eyes_of(postgres: Postgres) -> list[Eye]:
    """All cameras of the change log, by code. Raises StoreUnavailable."""
    rows = await postgres.fetch(CAMERAS)
    return [
        Eye(row["code"], (row["location"][0], row["location"][1]) if row["location"] else None)
        for row in rows
    ]


async def send_generated(
    settings: Settings,
    at: StoreAddresses,
    *,
    rate: float,
    seed: int,
    count: int | None = None,
    began: datetime | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> int:
    """Send detections at `rate` a second (0: as fast as Kafka takes them) until there were `count`.

    Returns how many Kafka has acknowledged. Raises HubError where there are no cameras, and
    StoreUnavailable.
    """
    names = Names(settings.topic_prefix)
    postgres = await Postgres.open(at.postgres_service_dsn)
    try:
        eyes = await eyes_of(postgres)
    finally:
        await postgres.close()
    if not eyes:
        raise HubError("There are no cameras to make detections of.", "Load a district first.")
    await ensure_topics(at, names.topics(settings.event_partitions))
    made = detections(eyes, seed, began or datetime.now(UTC), rate or 1_000)
    sender = Sender(at, seconds=60)
    started, sent = time.monotonic(), 0
    try:
        while count is None or sent < count:
            due = 2_000 if not rate else int((time.monotonic() - started) * rate) + 1 - sent
            if count is not None:
                due = min(due, count - sent)
            if due > 0:
                portion = list(islice(made, min(due, 5_000)))
                await sender.send(
                    [
                        Outgoing(names.detections, each["camera"].encode(), orjson.dumps(each))
                        for each in portion
                    ]
                )
                sent += len(portion)
                advance(len(portion))
            if rate:
                await asyncio.sleep(max(SLICE, (sent + 1) / rate - (time.monotonic() - started)))
    finally:
        await sender.close()
    return sent
