"""All of webhooks that one process of the hub runs."""

from __future__ import annotations

import asyncio

import httpx

from hub.keys import Keys
from hub.settings import Settings
from hub.webhooks.commands import WebhookCommands, WebhookLimits
from hub.webhooks.dispatcher import Sending
from hub.webhooks.lease import Lease
from hub.webhooks.names import Names
from hub.webhooks.retrying import FIRST
from hub.webhooks.secrets import Cipher
from hub.webhooks.sender import WebhookSender
from hub.webhooks.slots import Slots
from hub.webhooks.webhook import Opening
from resolvers.catalog import Catalog
from resolvers.cursors import CursorKey
from resolvers.stores.postgres import Postgres


class Webhooks:
    """The commands, and the sender that waits for its turn among the processes."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        postgres: Postgres,
        catalog: Catalog,
        *,
        first_pause: float = FIRST,
    ) -> None:
        cipher = Cipher(keys.webhook)
        context = httpx.create_ssl_context()
        cursor_key = CursorKey(keys.cursor)
        private = settings.webhook_private
        limits = WebhookLimits(
            private, settings.webhooks_per_caller, settings.webhook_overlap_hours
        )
        self._names = Names(private=private)
        self.commands = WebhookCommands(
            postgres, cipher, self._names, context, limits, settings.issuer
        )
        lease = Lease(postgres)
        sending = Sending(
            postgres,
            cursor_key,
            Slots(),
            settings.issuer,
            settings.webhook_hours * 3600,
            lease.fresh,
            first_pause,
        )
        self.sender = WebhookSender(
            Opening(catalog, cipher, cursor_key, private),
            sending,
            lease,
            self._names,
            context,
            most_waiting=settings.webhook_waiting,
            pause_minutes=settings.webhook_pause_minutes,
            log_days=settings.webhook_log_days,
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, as soon as the store is there and nobody else does."""
        self._task = asyncio.create_task(self.sender.run(), name="webhooks")

    async def stop(self) -> None:
        """End, and give what is under way a little time."""
        if self._task is not None:
            await self.sender.finish()
            self._task.cancel()
            await asyncio.wait([self._task])
        self._names.close()
