"""Reading stored versions of events again, after a place on the topic `events`."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.stores.postgres import Postgres

KEPT = """
select p.epoch, p.partition, p.next_offset, p.first_offset
from event_topics t join event_positions p using (epoch)
where t.topic_id = $1 order by p.partition"""

VERSIONS_AFTER = """
select topic_offset, recorded_at, doc from event_versions
where epoch = $1 and partition = $2 and topic_offset >= $3 and topic_offset < $4
order by topic_offset limit $5"""

HOLDING = """
select topic_offset, recorded_at, doc from event_versions
where epoch = $1 and partition = $2 and topic_offset >= $3 and topic_offset < $4
  and exists (select from unnest($6::text[]) as part where strpos(doc::text, part) > 0)
order by topic_offset limit $5"""

WINDOW = 50_000
"""Offsets of a partition that one statement searches, where it gives only some versions."""

FIRST = "select first_offset from event_positions where epoch = $1 and partition = $2"


class Pruned(Exception):
    """Some of what was to be read has been pruned meanwhile."""


@dataclass(frozen=True)
class Kept:
    """What of a topic `events` is stored: per partition from `first` up to before `next`."""

    epoch: int
    first: tuple[int, ...]
    next: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version as it stood on the topic."""

    partition: int
    offset: int
    recorded_at: datetime
    doc: str


async def kept(postgres: Postgres, topic_id: str) -> Kept | None:
    """What is stored of a topic; None where nothing ever was. Raises StoreUnavailable."""
    rows = await postgres.fetch(KEPT, topic_id)
    if not rows:
        return None
    return Kept(
        rows[0]["epoch"],
        tuple(row["first_offset"] for row in rows),
        tuple(row["next_offset"] for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Some versions, and the next offset of each partition: what lies before it was given."""

    versions: list[StoredVersion]
    reached: tuple[int, ...]


async def replay(
    postgres: Postgres, stored: Kept, since: Sequence[int], most: int
) -> AsyncGenerator[list[StoredVersion]]:
    """The versions from these offsets on, in lists of `most`; the last may be shorter.

    In order within each partition; across them about in the order they were recorded in. Raises
    StoreUnavailable, and Pruned in place of a list that may lack something.
    """
    async for page in replay_holding(postgres, stored, since, most, ()):
        if page.versions:
            yield page.versions


async def replay_holding(
    postgres: Postgres, stored: Kept, since: Sequence[int], most: int, parts: Sequence[str]
) -> AsyncGenerator[Page]:
    """As `replay`, but only versions whose JSON holds one of these parts, where there are any.

    Pages may be empty then: they tell how far has been searched.
    """
    partitions = [_Partition(postgres, stored, p, at, most, parts) for p, at in enumerate(since)]
    heap: list[tuple[datetime, int]] = []
    found: list[StoredVersion] = []
    behind = list(partitions)
    while behind or heap:
        while behind:
            partition = behind[-1]
            if not partition.waiting and not partition.over:
                await partition.fill()
                if not partition.waiting and not partition.over:
                    yield Page(found, _reached(partitions))
                    found = []
                continue
            if partition.waiting:
                heapq.heappush(heap, (partition.waiting[0].recorded_at, partition.number))
            behind.pop()
        if heap:
            partition = partitions[heapq.heappop(heap)[1]]
            found.append(partition.waiting.popleft())
            behind.append(partition)
        if len(found) >= most:
            yield Page(found, _reached(partitions))
            found = []
    yield Page(found, _reached(partitions))


def _reached(partitions: Sequence[_Partition]) -> tuple[int, ...]:
    return tuple(each.reached for each in partitions)


class _Partition:
    """One partition, a page at a time."""

    def __init__(
        self,
        postgres: Postgres,
        stored: Kept,
        number: int,
        since: int,
        most: int,
        parts: Sequence[str],
    ) -> None:
        self.number = number
        self.waiting: deque[StoredVersion] = deque()
        self._postgres = postgres
        self._epoch = stored.epoch
        self._next = since
        self._until = stored.next[number] if number < len(stored.next) else 0
        self._most = most
        self._parts = list(parts)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to read."""
        return self._next >= self._until

    @property
    def reached(self) -> int:
        """The next offset: that of the first version that waits, or where reading stands."""
        return self.waiting[0].offset if self.waiting else self._next

    async def fill(self) -> None:
        """Read the next page."""
        until = min(self._until, self._next + WINDOW) if self._parts else self._until
        asked = (self._epoch, self.number, self._next, until, self._most)
        rows = await (
            self._postgres.fetch(HOLDING, *asked, self._parts)
            if self._parts
            else self._postgres.fetch(VERSIONS_AFTER, *asked)
        )
        # Pruning moves `first_offset` with what it removes: asked afterwards, it tells whether
        # the page is whole.
        if await self._postgres.fetchval(FIRST, self._epoch, self.number) > self._next:
            raise Pruned
        self.waiting.extend(StoredVersion(self.number, row[0], row[1], row[2]) for row in rows)
        self._next = rows[-1][0] + 1 if len(rows) == self._most else until
