"""Versions as they stand on the topic `events`, in the columns in which PostgreSQL takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from resolvers.stores.event_log import StoredBatch
from resolvers.stores.kafka import Place
from resolvers.stores.tail import Record

instant = datetime.fromisoformat


def columns_of(found: Mapping[Place, list[Record]], began: Mapping[int, int]) -> StoredBatch:
    """The versions in records of `events`; `began` has the offset reading began at."""
    versions: list[tuple[Any, ...]] = []
    newest: dict[str, tuple[dict[str, Any], str]] = {}
    months: dict[str, datetime] = {}
    read: dict[int, tuple[int, int]] = {}
    for (_, partition), records in found.items():
        for record in records:
            assert record.value is not None
            text = record.value.decode()
            doc = orjson.loads(text)
            recorded = doc["recordedAt"]
            at = instant(recorded)
            months.setdefault(recorded[:7], at)
            review = doc["reviewId"] if doc["phase"] == "REVIEWED" else None
            place = (partition, record.offset, at)
            told = (doc["id"], doc["version"], doc["camera"], doc["type"], review, text)
            versions.append((*place, *told))
            held = newest.get(doc["id"])
            if held is None or doc["version"] > held[0]["version"]:
                newest[doc["id"]] = (doc, text)
        read[partition] = (began[partition], records[-1].offset + 1)
    events = [_event(*newest[event]) for event in sorted(newest)]
    return StoredBatch(
        list(zip(*versions, strict=True)),
        list(zip(*events, strict=True)),
        list(months.values()),
        read,
    )


def _event(doc: dict[str, Any], text: str) -> tuple[Any, ...]:
    position = doc["position"] or {}
    closed, reviewed = doc["closedAt"], doc["reviewedAt"]
    return (
        doc["id"],
        doc["version"],
        doc["type"],
        doc["phase"],
        doc["status"],
        doc["camera"],
        doc["grid"],
        doc["venue"],
        doc["firm"],
        "\x1f".join(doc["path"]),
        doc["zone"],
        position.get("longitude"),
        position.get("latitude"),
        instant(doc["openedAt"]),
        instant(doc["updatedAt"]),
        instant(closed) if closed else None,
        instant(doc["recordedAt"]),
        doc["confidence"],
        doc["verdict"],
        doc["reviewedBy"],
        instant(reviewed) if reviewed else None,
        doc["rule"],
        doc["source"],
        text,
    )
