"""Reading for one stream what it has not got, from the store and from memory, until it is live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from hub.delivery.batch import Batch
from hub.delivery.entry import Entry, Place
from hub.delivery.group import BATCH, Group, unmatched
from hub.delivery.source import Came
from hub.delivery.stream import Stream
from hub.delivery.subscribed import Item, Match
from resolvers.errors import ReaderTooSlow, StoreUnavailable

log = structlog.get_logger("hub.delivery")

CHUNK = 1_000
"""Entries that are looked at together."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one waits for whom, in seconds."""

    reader: float
    reader_entries: int
    """Entries by which a slow reader may be behind."""
    stores: float
    heartbeat: float


class CatchUp:
    """Brings one stream from a place to the end of its log, and makes it live there.

    `greet`: the first message is the cursor of the place. Raises ReaderTooSlow or StoreUnavailable,
    each with the cursor to go on from.
    """

    def __init__(
        self,
        stream: Stream,
        group: Group,
        place: Place,
        *,
        turns: asyncio.Semaphore,
        patience: Patience,
        greet: bool = False,
    ) -> None:
        self._stream = stream
        self._group = group
        self._log = group.log
        self._source = group.log.source
        self._place = place
        self._turns = turns
        self._patience = patience
        self._greet = greet
        self._seq: int | None = None
        self._said: float | None = None

    async def run(self) -> None:
        """Until the stream is live."""
        try:
            if self._greet:
                await self._heartbeat()
            while not await self._step():
                pass
        except StoreUnavailable as error:
            error.details["cursor"] = self.cursor()
            raise

    async def _step(self) -> bool:
        """One stretch of the way; whether the stream is live."""
        await self._drain()
        if self._seq is not None and self._seq < self._log.first_seq:
            self._seq = None
        if self._seq is None and not self._log.holds(self._place):
            await self._from_store()
            return False
        seq = self._log.first_seq if self._seq is None else self._seq
        entries = self._log.since(seq, CHUNK)
        if entries:
            await self._send(entries)
            self._seq = seq + len(entries)
            await asyncio.sleep(0)
            return False
        self._seq = seq
        if not self._log.reached(self._place):
            await self._log.moved(1.0)
            await self._keep_alive()
            return False
        if self._said is None:
            await self._heartbeat()
            return False
        self._group.join(self._stream)
        return True

    async def _from_store(self) -> None:
        """Read what is stored; waits where that is not enough to go on from memory."""
        since = time.monotonic()
        while not self._log.holds(self._place):
            reached = self._place
            await self._read_stored()
            if self._place != reached:
                since = time.monotonic()
            elif time.monotonic() - since > self._patience.stores:
                raise StoreUnavailable(
                    "what comes after this cursor is not stored yet; go on from it later",
                    store="postgres",
                )
            if not self._log.holds(self._place):
                await self._keep_alive()
                await asyncio.sleep(0.2)

    async def _read_stored(self) -> None:
        until = time.monotonic() + self._patience.stores
        while True:
            try:
                async with aclosing(self._stored()) as steps:
                    async for came in steps:
                        until = time.monotonic() + self._patience.stores
                        await self._send(came.entries)
                        self._place = self._source.later(self._place, came.place)
                        await self._keep_alive()
                        await self._drain()
                return
            except StoreUnavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.5)

    async def _stored(self) -> AsyncGenerator[Came]:
        steps = self._source.replay(self._place, CHUNK, self._group.subscribed.terms)
        while True:
            async with self._turns:
                came = await anext(steps, None)
            if came is None:
                return
            yield came

    async def _send(self, entries: Iterable[Entry]) -> None:
        """Send those entries that match, from the place on."""
        place, waiting = self._place, list[tuple[Item, Place, Entry]]()
        match = self._group.subscribed.match
        failed: Exception | None = None
        for entry in entries:
            if self._source.has(place, entry.key):
                continue
            try:
                found = match(entry.doc)
            except Exception as error:
                failed = error
                break
            before, place = place, self._source.later(place, entry.place)
            if found is not Match.NONE:
                own = place == entry.place and entry.seq >= 0
                cursor = entry.cursor(self._source) if own else self._source.cursor(place)
                waiting.append((Item(cursor, entry.doc, found is Match.LEFT), before, entry))
        if self._group.subscribed.coalesce:
            waiting = self._latest(waiting)
        for at in range(0, len(waiting), BATCH):
            await self._send_batch(waiting[at : at + BATCH])
        self._place = place
        if failed is not None:
            log.error("matching failed", error=type(failed).__name__, exc_info=failed)
            raise unmatched()

    def _latest(self, waiting: list[tuple[Item, Place, Entry]]) -> list[tuple[Item, Place, Entry]]:
        """The last version of each thing, with how many are left out for it."""
        last: dict[object, tuple[Item, Place, Entry]] = {}
        for item, before, entry in waiting:
            name = self._source.identity(entry.doc)
            earlier = last.pop(name, None)
            if earlier is not None:
                item.skipped = earlier[0].skipped + 1
            last[name] = item, before, entry
        return list(last.values())

    async def _send_batch(self, waiting: list[tuple[Item, Place, Entry]]) -> None:
        items = [item for item, _, _ in waiting]
        shared = all(
            entry.seq >= 0 and not item.skipped and item.cursor == entry.cursor(self._source)
            for item, _, entry in waiting
        )
        make = self._group.evaluate_kept if shared else self._group.evaluate
        payloads = await make(items)
        batch = Batch(
            [entry.seq for _, _, entry in waiting],
            [item.cursor for item in items],
            payloads,
            waiting[0][1],
        )
        self._place = waiting[0][1]
        await self._push(batch)
        self._place = self._source.later(waiting[-1][1], waiting[-1][2].place)

    async def _heartbeat(self) -> None:
        cursor = self.cursor()
        items = [Item(cursor, None)]
        payloads = await self._group.evaluate_kept(items)
        await self._push(Batch([-1], [cursor], payloads, self._place))

    async def _keep_alive(self) -> None:
        said = self._said
        if said is None or time.monotonic() - said >= self._patience.heartbeat:
            await self._heartbeat()

    async def _push(self, batch: Batch) -> None:
        while not self._stream.take(batch):
            await self._drain(force=True)
        self._said = time.monotonic()

    async def _drain(self, *, force: bool = False) -> None:
        """Wait for the reader. Raises ReaderTooSlow."""
        until = time.monotonic() + self._patience.reader
        while force or self._stream.full():
            force = False
            behind = 0 if self._stream.fell is None else self._log.next_seq - self._stream.fell
            if time.monotonic() > until or behind > self._patience.reader_entries:
                raise ReaderTooSlow(
                    "the reader is too slow for this stream: read faster, ask for less, or use "
                    "coalesce; go on from the cursor",
                    cursor=self.cursor(),
                )
            await self._stream.drained(1.0)

    def cursor(self) -> str:
        """The cursor of what the stream has got."""
        if self._place == self._log.place:
            return self._log.cursor()
        return self._source.cursor(self._place)
