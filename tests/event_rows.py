"""Versions of events made up for tests, and stored as the writer of ingest stores them."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import orjson

from hub.ingest.columns import columns_of
from resolvers.stores.event_log import Epoch, ensure_epoch, positions, store
from resolvers.stores.postgres import Postgres
from schema.wire import event_id

TOPIC_ID = "0" * 32
PARTITIONS = 2


def version(camera: str, key: str, number: int = 1, **given: Any) -> dict[str, Any]:
    """One version of an event as the topic has it; `given` by names of the wire."""
    at = f"2026-01-31T0{number % 10}:00:00.000000Z"
    doc: dict[str, Any] = {
        "id": event_id(camera, key),
        "version": number,
        "phase": "OPENED" if number == 1 else "UPDATED",
        "type": "ILLEGAL_PARKING",
        "status": "OPEN",
        "camera": camera,
        "grid": None,
        "venue": None,
        "firm": None,
        "path": [],
        "zone": None,
        "position": None,
        "openedAt": "2026-01-31T00:00:00.000000Z",
        "updatedAt": at,
        "closedAt": None,
        "recordedAt": at,
        "confidence": 0.5,
        "observations": number,
        "verdict": None,
        "reviewedBy": None,
        "reviewedAt": None,
        "reviewNote": None,
        "reviewId": None,
        "box": [0.0, 1.0, 20.5, 30.0],
        "evidence": [],
        "attributes": {},
        "rule": "parking",
        "ruleVersion": "1",
        "model": None,
        "modelVersion": None,
        "source": "generated",
        "before": None,
    }
    return doc | given


async def store_versions(
    postgres: Postgres, docs: Iterable[dict[str, Any]], topic_id: str = TOPIC_ID
) -> Epoch:
    """Store versions at the next offsets of their cameras' partitions, in the order given."""
    epoch = await ensure_epoch(postgres, topic_id, PARTITIONS)
    began = await positions(postgres, epoch.number)
    ends = dict(began)
    found: dict[tuple[str, int], list[Any]] = {}
    for doc in docs:
        partition = crc32(doc["camera"].encode()) % PARTITIONS
        record = SimpleNamespace(value=orjson.dumps(doc), offset=ends[partition])
        found.setdefault(("events", partition), []).append(record)
        ends[partition] += 1
    if found:
        await store(postgres, epoch.number, columns_of(found, began))  # type: ignore[arg-type]
    return epoch
