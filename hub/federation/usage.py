"""Which operations are used, so that a change of the federation can be told whom it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from graphql import GraphQLSchema

from hub.federation.normalise import Operation, normalise
from resolvers.errors import HubError
from resolvers.operation import ParsedDocument
from resolvers.stores import operations
from resolvers.stores.operations import Sighting
from resolvers.stores.postgres import Postgres

log = structlog.get_logger("hub.usage")

EVERY = 5.0
"""Seconds between two writes."""
MOST_UNREAD = 500
"""Documents kept until the next write because they were not seen before."""
KEPT_DAYS = 90
"""Days after which counts, and operations not seen since, are forgotten."""

Key = tuple[str, str | None]
"""A document's digest, and the name of the operation in it."""


@dataclass
class _Count:
    times: int
    first_seen: datetime
    last_seen: datetime


class Usage:
    """Counts operations in memory and adds them to PostgreSQL now and then.

    Bounded: beyond `most` different operations between two writes, further ones are not counted;
    `dropped` says how often that happened.
    """

    def __init__(
        self,
        postgres: Postgres,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int = 5_000,
    ) -> None:
        self._postgres = postgres
        self._now = now
        self._most = most
        self._times: dict[Key, int] = {}
        self._unread: dict[Key, tuple[ParsedDocument, GraphQLSchema]] = {}
        self._known: dict[Key, Operation | None] = {}
        self._counts: dict[tuple[Operation, date], _Count] = {}
        self._forgot: date | None = None
        self._flushing = asyncio.Lock()
        self.dropped = 0

    def saw(
        self, document: ParsedDocument, operation_name: str | None, schema: GraphQLSchema
    ) -> None:
        """Count an operation of a document that is valid by the schema."""
        key = document.digest, operation_name
        if key in self._times:
            self._times[key] += 1
        elif len(self._times) >= self._most or len(self._unread) >= MOST_UNREAD:
            self.dropped += 1
        else:
            self._times[key] = 1
            if key not in self._known:
                self._unread[key] = document, schema

    async def run(self) -> None:
        """Write every five seconds, for ever; counts stay in memory while PostgreSQL is away."""
        said = ""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.flush()
                said = ""
            except Exception as error:
                reason = error.message if isinstance(error, HubError) else repr(error)
                if reason != said:
                    log.warning("operations are not recorded for now", reason=reason)
                said = reason

    async def flush(self) -> None:
        """Write what was counted. Raises StoreUnavailable; then it is kept for the next time."""
        async with self._flushing:
            await self._gather()
            if self._counts:
                await operations.record(self._postgres, list(self._sightings()))
                self._counts = {}
            today = self._now().date()
            if self._forgot != today:
                await operations.forget(self._postgres, self._now() - timedelta(days=KEPT_DAYS))
                self._forgot = today

    async def _gather(self) -> None:
        """Take the counts since the last time, by normalised operation and day."""
        times, self._times = self._times, {}
        unread, self._unread = self._unread, {}
        if len(self._known) + len(unread) > self._most:
            used = times.keys() & self._known.keys()
            self._known = {key: self._known[key] for key in used}
        for key, (document, schema) in unread.items():
            self._known[key] = await asyncio.to_thread(_normalised, document, key[1], schema)
        now = self._now()
        for key, count in times.items():
            operation = self._known.get(key)
            if operation is None:
                continue
            known = self._counts.get((operation, now.date()))
            if known is not None:
                known.times += count
                known.last_seen = now
            elif len(self._counts) < self._most:
                self._counts[operation, now.date()] = _Count(count, now, now)
            else:
                self.dropped += count

    def _sightings(self) -> list[Sighting]:
        return [
            Sighting(
                operation.hash,
                operation.name,
                operation.text,
                operation.fields,
                day,
                count.times,
                count.first_seen,
                count.last_seen,
            )
            for (operation, day), count in self._counts.items()
        ]


def _normalised(
    document: ParsedDocument, name: str | None, schema: GraphQLSchema
) -> Operation | None:
    """None for what cannot be read, which is not counted."""
    try:
        return normalise(document.operation(name), document.fragments, schema)
    except Exception as error:
        log.warning("an operation is not recorded", digest=document.digest, reason=repr(error))
        return None
