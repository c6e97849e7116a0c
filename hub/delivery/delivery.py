"""Delivery: the logs, the groups, and what keeps their time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Mapping
from functools import partial

import structlog

from hub.delivery.catch_up import CatchUp, Patience
from hub.delivery.entry import Entry, Place
from hub.delivery.expired import expired
from hub.delivery.group import Group, Workshop
from hub.delivery.index import Index
from hub.delivery.log import Log
from hub.delivery.payloads import Payloads
from hub.delivery.shares import Shares
from hub.delivery.source import Source
from hub.delivery.stream import Stream
from hub.delivery.subscribed import Subscribed
from hub.metrics import Metrics
from hub.settings import Settings
from resolvers.errors import CursorExpired, HubError, Internal

log = structlog.get_logger("hub.delivery")

EVALUATIONS = 8
"""Batches that are made at a time: as many as PostgreSQL connections."""
PAYLOAD_BYTES = 32_000_000
REACH_SECONDS = 10.0
"""Time a log has to be reached when the first stream needs it."""


class Delivery:
    """Every stream of this process."""

    def __init__(self, settings: Settings, sources: Mapping[str, Source], metrics: Metrics) -> None:
        self._metrics = metrics
        self._heartbeat = settings.heartbeat_seconds
        self._replays = asyncio.Semaphore(settings.stream_replays)
        self._patience = Patience(
            settings.stream_lag_seconds,
            settings.stream_lag_events,
            settings.stream_store_seconds,
            settings.heartbeat_seconds,
        )
        self._shop = Workshop(
            asyncio.Semaphore(EVALUATIONS),
            Payloads(PAYLOAD_BYTES),
            metrics,
            settings.stream_store_seconds,
            self._fell_behind,
            self.end,
        )
        self._groups: dict[tuple[str, Hashable], Group] = {}
        self._shares = Shares(settings.stream_groups_per_caller, settings.stream_broad_per_caller)
        self._indexes: dict[str, Index[Group]] = {name: Index() for name in sources}
        self._logs = {
            name: Log(
                source,
                most=settings.stream_log_events,
                most_bytes=settings.stream_log_bytes,
                came=partial(self._came, name),
                restarted=partial(self._restarted, name),
            )
            for name, source in sources.items()
        }
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep time, on the running event loop. A log is followed once it is needed."""
        self._beating = asyncio.create_task(self._beat(), name="heartbeats")

    async def stop(self) -> None:
        """End what still runs; streams have ended before."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait((self._beating,))
        for group in tuple(self._groups.values()):
            for stream in tuple(group.members):
                self.close(stream)
        for each in self._logs.values():
            await each.stop()

    async def open(
        self, subscribed: Subscribed, stream: Stream, after: str | None, owner: str | None = None
    ) -> None:
        """Give a stream what it subscribed to, after a cursor or from now on.

        Raises CursorInvalid, CursorExpired, StoreUnavailable where that cannot be known, and
        TooManyStreams where the owner follows too many different things.
        """
        of = self._logs[subscribed.source]
        await of.ready(REACH_SECONDS)
        place = of.place
        if after is not None:
            place = of.source.read(after)
            await of.source.check(place, in_memory=of.holds(place))
        name = subscribed.source, subscribed.group
        group = self._groups.get(name)
        if group is None:
            self._shares.take(owner, subscribed.terms)
            group = self._groups[name] = Group(of, subscribed, self._shop)
            group.owner = owner
            self._indexes[subscribed.source].add(group, subscribed.terms)
            self._metrics.stream_groups.inc()
        group.members.add(stream)
        stream.group = group
        self._metrics.streams.labels(stream.protocol).inc()
        self._behind(stream, place, greet=after is None)

    def close(self, stream: Stream) -> None:
        """Forget a stream whose client has gone, or that has ended."""
        group, stream.group = stream.group, None
        if stream.task is not None and stream.task is not asyncio.current_task():
            stream.task.cancel()
        stream.task = stream.reading = None
        if group is None:
            return
        self._metrics.streams.labels(stream.protocol).dec()
        group.leave(stream)
        if not group.members:
            name = group.log.source.name, group.subscribed.group
            del self._groups[name]
            self._shares.give_back(group.owner, group.subscribed.terms)
            self._indexes[group.log.source.name].remove(group, group.subscribed.terms)
            self._metrics.stream_groups.dec()

    def end(self, stream: Stream, error: HubError) -> None:
        """End a stream with an error, and the cursor of what it has got where one still helps."""
        if stream.group is not None and not isinstance(error, CursorExpired):
            reached = stream.group if stream.reading is None else stream.reading
            error.details.setdefault("cursor", reached.cursor())
        self.close(stream)
        self._metrics.streams_ended.labels(error.code).inc()
        stream.end(error)

    def _behind(self, stream: Stream, place: Place, *, greet: bool = False) -> None:
        assert stream.group is not None
        run = CatchUp(
            stream,
            stream.group,
            place,
            turns=self._replays,
            patience=self._patience,
            greet=greet,
        )
        stream.reading = run
        stream.task = asyncio.create_task(self._catch_up(stream, run))

    async def _catch_up(self, stream: Stream, run: CatchUp) -> None:
        self._metrics.streams_behind.inc()
        try:
            await run.run()
        except HubError as error:
            self.end(stream, error)
        except Exception as error:
            log.exception("a stream failed", error=type(error).__name__)
            self.end(stream, Internal("the hub failed to go on with this stream: a fault of ours"))
        finally:
            self._metrics.streams_behind.dec()

    def _fell_behind(self, stream: Stream, place: Place) -> None:
        self._behind(stream, place)

    def _came(self, name: str, entries: list[Entry]) -> None:
        index = self._indexes[name]
        for entry in entries:
            for group in tuple(index.candidates(entry.doc)):
                try:
                    group.offer(entry)
                except Exception as error:
                    log.exception("matching failed", error=type(error).__name__)
                    group.broke(entry)

    def _restarted(self, name: str, renewed: bool, stood: Place) -> None:
        for (source, _), group in tuple(self._groups.items()):
            if source != name:
                continue
            if renewed:
                for stream in tuple(group.members):
                    self.end(stream, expired(f"the log of {name} was begun anew"))
            else:
                group.drop(stood)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._heartbeat / 2))
            due = time.monotonic() - self._heartbeat
            for group in self._groups.values():
                if group.live and group.said <= due:
                    group.heartbeat()
