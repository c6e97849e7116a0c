"""One batch of a partition's messages, folded into what one transaction writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from hub.ingest.counts import Counts
from hub.ingest.fold import Kept, Outcome, fold_detection, fold_review, fold_silence
from hub.ingest.letters import letter_of
from hub.ingest.memory import HORIZON, Memory, message_of
from hub.ingest.observed import Dead, Judged, Observed, has_own_key, judge, observe
from hub.ingest.places import Places
from resolvers.stores.kafka import partition_of
from resolvers.stores.tail import Record

Row = tuple[bytes | None, bytes | None]
T = TypeVar("T")


@dataclass
class Batch:
    """What a transaction writes, in order, and what is remembered once it is committed."""

    events: list[Row] = field(default_factory=list)
    dead: list[Row] = field(default_factory=list)
    changed: dict[str, tuple[Kept, bytes]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Read:
    """A message with what was read in it."""

    record: Record
    found: Observed | Judged | Dead


def read_detections(records: Sequence[Record], partition: int, partitions: int) -> list[Read]:
    """Detections, each checked in itself, and that it is where its camera's belong."""
    read = []
    for record in records:
        found = observe(record.value, record.key, record.timestamp)
        if isinstance(found, Observed):
            found = _in_place(found, found.detection.camera, partition, partitions)
        read.append(Read(record, found))
    return read


def read_reviews(records: Sequence[Record], partition: int, partitions: int) -> list[Read]:
    """Reviews, checked in the same way."""
    read = []
    for record in records:
        found = judge(record.value, record.key)
        if isinstance(found, Judged):
            found = _in_place(found, found.review.camera, partition, partitions)
        read.append(Read(record, found))
    return read


def _in_place(found: T, camera: str, partition: int, partitions: int) -> T | Dead:
    right = partition_of(camera, partitions)
    if right == partition:
        return found
    return Dead(
        f"messages of camera {camera} belong on partition {right}, not {partition}: "
        "use its code as the key, and Kafka's default partitioner (murmur2)"
    )


def unknown(read: Sequence[Read], memory: Memory) -> set[str]:
    """Ids of events that are not remembered, but may have been forgotten."""
    ids: set[str] = set()
    if memory.horizon is None:
        return ids
    for each in read:
        found = each.found
        if isinstance(found, Dead) or found.event in memory:
            continue
        if (
            isinstance(found, Judged)
            or found.started_at <= memory.horizon
            or has_own_key(found.detection)
        ):
            ids.add(found.event)
    return ids


class Folding:
    """Folds the messages of one batch, each onto what the one before made of its event."""

    def __init__(self, memory: Memory, now: str) -> None:
        self._memory = memory
        self._now = now
        self._kept: dict[str, Kept] = {}
        self.batch = Batch()

    def take(self, read: Sequence[Read], places: Places) -> None:
        """Fold messages, in order. What `places` needs for them must be known to it."""
        self.batch.counts.read += len(read)
        sound = [each.found.detection for each in read if isinstance(each.found, Observed)]
        spots = iter(places.put(sound))
        for each in read:
            found = each.found
            if isinstance(found, Dead):
                self._settle(each.record, found)
                continue
            kept = self._kept.get(found.event) or self._memory.get(found.event)
            if isinstance(found, Judged):
                outcome: Outcome = fold_review(kept, found, self._now)
            else:
                spot = next(spots)
                if isinstance(spot, Dead):
                    outcome = spot
                else:
                    outcome = fold_detection(kept, found, spot, self._now)
            self._settle(each.record, outcome)

    def close_silent(self, events: Sequence[str]) -> None:
        """Close open events of which nothing was heard."""
        for event in events:
            kept = self._kept.get(event) or self._memory.get(event)
            if kept is not None and kept.is_open and event not in self._kept:
                self._add(fold_silence(kept, self._now))
                self.batch.counts.silent += 1

    def finish(self) -> Batch:
        """The batch, with the state of each event that was changed."""
        for event, kept in self._kept.items():
            self.batch.changed[event] = (kept, message_of(kept))
        return self.batch

    def _settle(self, record: Record, outcome: Outcome) -> None:
        counts = self.batch.counts
        if isinstance(outcome, Kept):
            counts.accepted += 1
            self._add(outcome)
        elif isinstance(outcome, Dead):
            counts.dead += 1
            self.batch.dead.append((record.key, letter_of(record, outcome.reason, self._now)))
        else:
            counts.duplicates += 1

    def _add(self, kept: Kept) -> None:
        doc = kept.doc
        self.batch.events.append((doc["camera"].encode(), orjson.dumps(doc)))
        self.batch.counts.versions += 1
        self._kept[doc["id"]] = kept


def open_rows(batch: Batch, memory: Memory) -> list[Row]:
    """What the batch writes to `events.open`: states, tombstones, and the horizon if it moved.

    `memory` must have forgotten what the batch forgets.
    """
    rows: list[Row] = [(event.encode(), message) for event, (_, message) in batch.changed.items()]
    rows += [(event.encode(), None) for event in batch.forgotten if event not in batch.changed]
    if batch.forgotten or not memory.has_horizon:
        rows.append((HORIZON, orjson.dumps(memory.horizon)))
    return rows
