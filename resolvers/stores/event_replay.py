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


async def replay(
    postgres: Postgres, stored: Kept, since: Sequence[int], most: int
) -> AsyncGenerator[list[StoredVersion]]:
    """The versions from these offsets on, in lists of at most `most`.

    In order within each partition; across them about in the order they were recorded in. Raises
    StoreUnavailable, and Pruned in place of a list that may lack something.
    """
    pages = [_Partition(postgres, stored, p, at, most) for p, at in enumerate(since)]
    heap: list[tuple[datetime, int]] = []
    for page in pages:
        if await page.fill():
            heapq.heappush(heap, (page.waiting[0].recorded_at, page.number))
    found: list[StoredVersion] = []
    while heap:
        page = pages[heapq.heappop(heap)[1]]
        found.append(page.waiting.popleft())
        if await page.fill():
            heapq.heappush(heap, (page.waiting[0].recorded_at, page.number))
        if len(found) >= most:
            yield found
            found = []
    if found:
        yield found


class _Partition:
    """One partition, a page at a time."""

    def __init__(
        self, postgres: Postgres, stored: Kept, number: int, since: int, most: int
    ) -> None:
        self.number = number
        self.waiting: deque[StoredVersion] = deque()
        self._postgres = postgres
        self._epoch = stored.epoch
        self._next = since
        self._until = stored.next[number] if number < len(stored.next) else 0
        self._most = most

    async def fill(self) -> bool:
        """Read the next page if need be; whether anything waits."""
        if not self.waiting and self._next < self._until:
            rows = await self._postgres.fetch(
                VERSIONS_AFTER, self._epoch, self.number, self._next, self._until, self._most
            )
            # Pruning moves `first_offset` with what it removes: asked afterwards, it tells whether
            # the page is whole.
            if await self._postgres.fetchval(FIRST, self._epoch, self.number) > self._next:
                raise Pruned
            self.waiting.extend(StoredVersion(self.number, row[0], row[1], row[2]) for row in rows)
            full = len(rows) == self._most
            self._next = rows[-1][0] + 1 if full else self._until
        return bool(self.waiting)
