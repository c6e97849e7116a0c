"""The sender of webhooks: one process at a time makes deliveries of versions and sends them."""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import partial

import asyncpg
import structlog

from hub.webhooks.dispatcher import Dispatcher, Sending
from hub.webhooks.enqueuer import Enqueuer
from hub.webhooks.lease import Lease
from hub.webhooks.names import Names
from hub.webhooks.post import Post
from hub.webhooks.secrets import SecretLost
from hub.webhooks.target import UrlRefused
from hub.webhooks.webhook import Opening, Webhook
from resolvers.errors import HubError, StoreUnavailable
from resolvers.stores import webhook_queue as queue
from resolvers.stores.outage import POSTGRES_DOWN

log = structlog.get_logger("hub.webhooks")

PAUSE = 0.25
"""Seconds between looks for stored versions."""
REFRESH = 1.0
"""Seconds between looks for what people changed."""
FORGET = 60.0
"""Seconds between deletions of old entries of the log."""
GRACE = 3.0
"""Seconds that attempts under way have to end when the process stops."""
AWAY: tuple[type[BaseException], ...] = (
    StoreUnavailable,
    TimeoutError,
    asyncpg.UndefinedTableError,  # the store is not prepared yet
    *POSTGRES_DOWN,
)


class WebhookSender:
    """Runs for ever; leads while it has the lease."""

    def __init__(
        self,
        opening: Opening,
        sending: Sending,
        lease: Lease,
        names: Names,
        context: ssl.SSLContext,
        *,
        most_waiting: int,
        pause_minutes: float,
        log_days: int,
    ) -> None:
        self._opening = opening
        self._sending = sending
        self._lease = lease
        self._names = names
        self._context = context
        self._most = most_waiting
        self._pause_minutes = pause_minutes
        self._log_days = log_days
        self._enqueuer = Enqueuer(sending.postgres, most=most_waiting)
        self._webhooks: dict[str, Webhook] = {}
        self._dispatchers: dict[str, Dispatcher] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._said: str | None = None
        self._finishing = False
        self.leading = False

    async def run(self) -> None:
        """Lead whenever nobody else does; what fails is tried again. Ends when cancelled."""
        pause = 0.2
        while True:
            try:
                await self._lead()
            except AWAY as error:
                self._say(str(error) or type(error).__name__)
            except Exception as error:
                log.warning("webhooks wait", reason=type(error).__name__, exc_info=error)
                pause = max(pause, 5.0)
            finally:
                self.leading = False
                await self._end()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def finish(self) -> None:
        """Begin nothing more, and wait a little for what is under way."""
        self._finishing = True
        dispatchers = list(self._dispatchers.values())
        for dispatcher in dispatchers:
            dispatcher.pause()
        until = time.monotonic() + GRACE
        for dispatcher in dispatchers:
            while time.monotonic() < until and not dispatcher.idle:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def _say(self, reason: str) -> None:
        if reason != self._said:
            log.warning("webhooks wait", reason=reason)
        self._said = reason

    async def _lead(self) -> None:
        await self._lease.take()
        self.leading, self._said = True, None
        parts = [
            asyncio.create_task(each, name=f"webhooks {name}")
            for name, each in (
                ("lease", self._lease.keep()),
                ("work", self._work()),
                ("log", self._forget()),
            )
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in parts:
                task.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _end(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._dispatchers.clear()
        self._webhooks.clear()
        await self._lease.give()

    async def _work(self) -> None:
        refreshed = float("-inf")
        while not self._finishing:
            if time.monotonic() - refreshed >= REFRESH:
                await self._refresh()
                refreshed = time.monotonic()
            served = await self._enqueuer.advance(list(self._webhooks.values()))
            for name in served:
                if name in self._dispatchers:
                    self._dispatchers[name].wake.set()
            self._check_tasks()
            await asyncio.sleep(0 if served else PAUSE)
        await asyncio.Event().wait()

    def _check_tasks(self) -> None:
        """Raises what ended a dispatcher."""
        for name, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[name]
                del self._dispatchers[name]
                self._webhooks.pop(name, None)
                task.result()

    async def _refresh(self) -> None:
        postgres = self._sending.postgres
        current = await queue.revisions(postgres)
        if current != {name: webhook.revision for name, webhook in self._webhooks.items()}:
            await self._reload()
        waiting = await queue.waiting(postgres)
        for webhook in self._webhooks.values():
            webhook.waiting = waiting.get(webhook.id, 0)
            if webhook.waiting >= self._most:
                await queue.stop_failing(
                    postgres, webhook.id, self._pause_minutes * 60, webhook.waiting
                )
        for name, dispatcher in list(self._dispatchers.items()):
            if name not in self._webhooks:
                dispatcher.pause()
                if dispatcher.idle:
                    task = self._tasks.pop(name)
                    del self._dispatchers[name]
                    task.cancel()
                    await asyncio.wait([task])

    async def _reload(self) -> None:
        rows = await queue.active(self._sending.postgres)
        known, self._webhooks = self._webhooks, {}
        for row in rows:
            before = known.get(row["id"])
            if before is not None and before.revision == row["revision"]:
                self._webhooks[before.id] = before
                continue
            opened = await self._opened(row)
            if opened is not None:
                self._webhooks[opened.id] = opened
        for webhook in () if self._finishing else self._webhooks.values():
            dispatcher = self._dispatchers.get(webhook.id)
            if dispatcher is None:
                dispatcher = Dispatcher(webhook, self._post(webhook), self._sending)
                self._dispatchers[webhook.id] = dispatcher
                task = asyncio.create_task(dispatcher.run(), name=f"webhook {webhook.id}")
                self._tasks[webhook.id] = task
            else:
                dispatcher.use(webhook, partial(self._post, webhook))

    async def _opened(self, row: asyncpg.Record) -> Webhook | None:
        """The webhook of a row; one that cannot work is paused, and None."""
        try:
            return Webhook.of(dict(row), self._opening)
        except (UrlRefused, SecretLost, HubError) as error:
            postgres, told = self._sending.postgres, str(error)
            await queue.stop(postgres, row["id"], row["revision"], "PAUSED", told)
            return None

    def _post(self, webhook: Webhook) -> Post:
        return Post(webhook.target, self._names, self._context)

    async def _forget(self) -> None:
        while True:
            some = await queue.forget(self._sending.postgres, self._log_days)
            await asyncio.sleep(0 if some else FORGET)
