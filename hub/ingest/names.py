"""What the topics, groups and producers of events are called, and how the topics are made."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.stores.topics import Topic
from schema.wire import CHANGES, DEAD, DETECTIONS, EVENTS, OPEN_EVENTS, REVIEWS

DAY_MS = 24 * 3600 * 1000
KEPT = {"cleanup.policy": "delete", "message.timestamp.type": "CreateTime"}
DETECTIONS_MS = 7 * DAY_MS
EVENTS_MS = 30 * DAY_MS
LARGEST = 8_000_000
"""Longest dead letter, in bytes: one holds a whole message, and JSON makes it longer."""


@dataclass(frozen=True)
class Names:
    """Names with the prefix (HUB_TOPIC_PREFIX) before each."""

    prefix: str = ""

    @property
    def detections(self) -> str:
        return self.prefix + DETECTIONS

    @property
    def reviews(self) -> str:
        return self.prefix + REVIEWS

    @property
    def events(self) -> str:
        return self.prefix + EVENTS

    @property
    def open_events(self) -> str:
        return self.prefix + OPEN_EVENTS

    @property
    def dead(self) -> str:
        return self.prefix + DEAD

    @property
    def changes(self) -> str:
        return self.prefix + CHANGES

    @property
    def ingest_group(self) -> str:
        return self.prefix + "ingest"

    @property
    def writer_group(self) -> str:
        return self.prefix + "writer"

    def producer(self, partition: int) -> str:
        """The transactional id of who writes a partition."""
        return f"{self.prefix}ingest-{partition}"

    @property
    def relay_producer(self) -> str:
        return self.prefix + "relay"

    def topics(self, partitions: int) -> list[Topic]:
        """All topics. Those keyed by camera have equally many partitions.

        The graph's changes are kept for a month, and of each record the last one for ever.
        """

        def for_days(milliseconds: int) -> dict[str, str]:
            return KEPT | {"retention.ms": str(milliseconds)}

        compacted = {
            "cleanup.policy": "compact",
            "segment.ms": str(3600 * 1000),
            "segment.bytes": str(64 * 1024 * 1024),
            "min.cleanable.dirty.ratio": "0.2",
        }
        return [
            Topic(self.detections, partitions, for_days(DETECTIONS_MS)),
            Topic(self.reviews, partitions, for_days(EVENTS_MS)),
            Topic(self.events, partitions, for_days(EVENTS_MS)),
            Topic(self.open_events, partitions, compacted),
            Topic(self.dead, partitions, for_days(EVENTS_MS) | {"max.message.bytes": str(LARGEST)}),
            Topic(self.changes, 1, compacted | {"min.compaction.lag.ms": str(EVENTS_MS)}),
        ]
