"""Sends one webhook's deliveries: each camera's in order, several cameras at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import asyncpg
import structlog

from hub.webhooks.message import body_of
from hub.webhooks.post import Outcome, Post
from hub.webhooks.retrying import FIRST, pause_after
from hub.webhooks.secrets import signed_headers
from hub.webhooks.slots import EACH, Slots
from hub.webhooks.webhook import Webhook
from resolvers.cursors import CursorKey
from resolvers.reference.webhooks import message_id
from resolvers.stores import webhook_queue as queue
from resolvers.stores.postgres import Postgres
from resolvers.stores.webhook_queue import Key

log = structlog.get_logger("hub.webhooks")

RUN, PAGE = 20, 200
"""Deliveries that are read at a time: of one camera, and in all."""
IDLE = 2.0
"""Seconds after which it is looked for due deliveries anyway."""
DOWN_AFTER = 3
"""Failures in a row after which one success lets all that waits be tried at once."""
NO_LONGER_KEPT = "the version is no longer kept (hub events prune)"


@dataclass(frozen=True)
class Sending:
    """What all dispatchers share."""

    postgres: Postgres
    cursor_key: CursorKey
    slots: Slots
    source: str
    """The CloudEvents' source."""
    give_up: float
    """Seconds after which a delivery that fails is parked."""
    may_send: Callable[[], bool]
    """Whether this process still is the one that sends."""
    first_pause: float = FIRST


class Dispatcher:
    """Sends for one webhook while it is active; a camera's lane ends at its first failure."""

    def __init__(self, webhook: Webhook, post: Post, sending: Sending) -> None:
        self.webhook: Webhook | None = webhook
        self.wake = asyncio.Event()
        self._post = post
        self._old: list[Post] = []
        self._sending = sending
        self._ready: deque[list[asyncpg.Record]] = deque()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._failures = 0
        """In a row, over all cameras."""
        self._not_before = 0.0
        self._noted = webhook.failing
        """Whether its row says that it fails."""
        self._trouble: Exception | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._busy

    def use(self, webhook: Webhook, post: Callable[[], Post]) -> None:
        """Go on with the webhook as it is now; what is under way ends first as it began."""
        if webhook is not self.webhook:
            self._ready.clear()
            if webhook.target != self._post.target:
                self._old.append(self._post)
                self._post = post()
                self._not_before = 0.0
            self.webhook = webhook
            self.wake.set()

    def pause(self) -> None:
        """Begin nothing more."""
        self.webhook = None
        self._ready.clear()

    async def run(self) -> None:
        """Send for ever. Raises HubError when the store is away; cancelled, it ends at once."""
        try:
            while True:
                self.wake.clear()
                pause = await self._start_some()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self.wake.wait()
        finally:
            for task in self._busy.values():
                task.cancel()
            if self._busy:
                await asyncio.wait(self._busy.values())
            for post in (self._post, *self._old):
                await post.close()

    async def _start_some(self) -> float:
        """Begin what is due and fits; seconds until it is worth trying again."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble
        webhook = self.webhook
        if webhook is None:
            return IDLE
        held = self._not_before - time.monotonic()
        if held > 0:
            return min(held, IDLE)
        limit = EACH if self._failures == 0 else 1
        if not self._ready and len(self._busy) < limit:
            rows = await queue.due(self._sending.postgres, webhook.id, list(self._busy), RUN, PAGE)
            if self.webhook is not webhook:
                return 0
            by_camera = sorted(rows, key=itemgetter("camera"))
            runs = [list(run) for _, run in groupby(by_camera, key=itemgetter("camera"))]
            self._ready.extend(sorted(runs, key=lambda run: run[0]["since"]))
        while self._ready and len(self._busy) < limit:
            if not self._sending.slots.take(len(self._busy), self.wake):
                return IDLE
            run = self._ready.popleft()
            camera = run[0]["camera"]
            task = asyncio.create_task(self._lane(webhook, run), name=f"webhook {camera}")
            self._busy[camera] = task
        if self._busy or self._ready:
            return IDLE
        seconds = await queue.next_due(self._sending.postgres, webhook.id, [])
        return IDLE if seconds is None else min(max(seconds, 0.01), IDLE)

    async def _lane(self, webhook: Webhook, run: list[asyncpg.Record]) -> None:
        try:
            for row in run:
                held = self._not_before > time.monotonic()
                if held or self.webhook is not webhook or not self._sending.may_send():
                    break
                if not await self._deliver(webhook, row):
                    break
        except Exception as error:
            self._trouble = error
        finally:
            del self._busy[run[0]["camera"]]
            self._sending.slots.give()
            self.wake.set()
            if self.idle:
                await self._close_old()

    async def _close_old(self) -> None:
        while self._old:
            await self._old.pop().close()

    async def _deliver(self, webhook: Webhook, row: asyncpg.Record) -> bool:
        """One attempt; whether the camera's next may go out."""
        sending = self._sending
        key = Key(webhook.id, row["epoch"], row["partition"], row["topic_offset"])
        attempts = row["attempts"]
        if row["doc"] is None:
            told = (None, NO_LONGER_KEPT, None)
            return await queue.end(sending.postgres, key, attempts, "PARKED", told)
        cursor = sending.cursor_key.sign(["events", row["topic_id"], list(row["offsets"])])
        body = body_of(row["doc"], source=sending.source, left=row["has_left"], cursor=cursor)
        name = message_id(key.webhook, key.epoch, key.partition, key.offset)
        headers = signed_headers(webhook.secrets(), name, int(time.time()), body)
        outcome = await self._post.send(body, headers)
        result = (outcome.status, outcome.error, outcome.milliseconds)
        if outcome.delivered:
            await self._worked(webhook)
            return await queue.end(sending.postgres, key, attempts, "DELIVERED", result)
        await self._failed(webhook, outcome)
        if outcome.gone:
            await queue.again(sending.postgres, key, attempts, 0, result)
            return False
        if await queue.expired(sending.postgres, row["since"], sending.give_up):
            log.info("webhook delivery parked", webhook=webhook.id, id=row["event"])
            return await queue.end(sending.postgres, key, attempts, "PARKED", result)
        pause = pause_after(attempts + 1, first=sending.first_pause)
        pause = max(pause, outcome.retry_after or 0.0)
        await queue.again(sending.postgres, key, attempts, pause, result)
        return False

    async def _worked(self, webhook: Webhook) -> None:
        was_down, self._failures = self._failures >= DOWN_AFTER, 0
        self._not_before = 0.0
        if self._noted or was_down:
            self._noted = False
            await queue.note_working(self._sending.postgres, webhook.id)
        if was_down:
            await queue.at_once(self._sending.postgres, webhook.id)

    async def _failed(self, webhook: Webhook, outcome: Outcome) -> None:
        self._failures += 1
        if not self._noted:
            self._noted = True
            await queue.note_failing(self._sending.postgres, webhook.id)
        if outcome.gone:
            self.pause()
            reason = "the receiver answered 410: it wants no more messages"
            postgres = self._sending.postgres
            await queue.stop(postgres, webhook.id, webhook.revision, "DISABLED", reason)
            return
        wait = outcome.retry_after or 0.0
        if outcome.status is None and self._failures >= DOWN_AFTER:
            again = pause_after(self._failures - DOWN_AFTER + 1, first=self._sending.first_pause)
            wait = max(wait, min(again, 60.0))
        self._not_before = max(self._not_before, time.monotonic() + wait)
