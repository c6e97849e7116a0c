"""What people do with webhooks: see, make, change, remove, test and replay them."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any

import asyncpg
import orjson

from hub.webhooks.message import ping_of
from hub.webhooks.names import AddressRefused, Names
from hub.webhooks.post import Outcome, Post
from hub.webhooks.secrets import (
    Cipher,
    SecretLost,
    SecretRefused,
    new_secret,
    secret_bytes,
    signed_headers,
)
from hub.webhooks.target import UrlRefused, read_target
from resolvers.errors import (
    BadInput,
    CursorExpired,
    MutationIdReused,
    NotFound,
    Overloaded,
    TooManyWebhooks,
)
from resolvers.rights import STEWARD, Caller
from resolvers.stores import webhooks as table
from resolvers.stores.postgres import Connection, Postgres

LOOK_UP_SECONDS = 5.0
PINGS = 16
"""Pings under way at a time in one process."""


@dataclass(frozen=True)
class WebhookLimits:
    """What the settings say of webhooks people make."""

    private: bool
    per_caller: int
    overlap_hours: float


class WebhookCommands:
    """The commands behind the API. A caller sees and changes his own webhooks, a steward all."""

    def __init__(
        self,
        postgres: Postgres,
        cipher: Cipher,
        names: Names,
        context: ssl.SSLContext,
        limits: WebhookLimits,
        source: str,
    ) -> None:
        self._postgres = postgres
        self._cipher = cipher
        self._names = names
        self._context = context
        self._limits = limits
        self._source = source
        self._pings = 0

    async def visible(self, caller: Caller) -> Sequence[asyncpg.Record]:
        """The caller's webhooks, newest first; for a steward everybody's."""
        return await table.visible(self._postgres, _owner(caller))

    async def find(self, webhook: str, caller: Caller) -> asyncpg.Record | None:
        """One of them."""
        rows = await table.visible(self._postgres, _owner(caller), webhook)
        return rows[0] if rows else None

    async def log(
        self, webhook: str, state: str | None, before: int | None, most: int
    ) -> Sequence[asyncpg.Record]:
        """Deliveries, newest first."""
        return await table.log(self._postgres, webhook, state, before, most)

    async def log_size(self, webhook: str, state: str | None) -> int:
        """How many deliveries there are."""
        return await table.log_size(self._postgres, webhook, state)

    async def create(
        self, given: Mapping[str, Any], caller: Caller
    ) -> tuple[asyncpg.Record, str | None]:
        """A new webhook, and its secret where that was made here.

        `given` has `url`, and may have `filter`, `secret` and `clientMutationId`; the filter was
        checked. Raises BadInput, TooManyWebhooks, MutationIdReused.
        """
        assert caller.subject is not None
        mutation = given.get("clientMutationId")
        name = _new_id(caller.subject, mutation)
        asked = {key: given.get(key) for key in ("url", "filter", "secret")}
        digest = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).digest()
        if mutation is not None:
            known = await self._repeated(name, digest, caller)
            if known is not None:
                return known, None
        url = await self._checked(given["url"])
        shown, key = _secret(given.get("secret"))
        async with self._postgres.acquire() as connection, connection.transaction():
            count = await table.count_of(connection, caller.subject)
            known = await self._repeated(name, digest, caller, connection)
            if known is not None:
                return known, None
            if count >= self._limits.per_caller:
                raise TooManyWebhooks(
                    f"a caller has at most {self._limits.per_caller} webhooks: delete one, or "
                    "widen the filter of one",
                    limit=self._limits.per_caller,
                )
            epoch, offsets = await table.stored_now(connection)
            values = (
                name,
                caller.subject,
                sorted(caller.roles),
                caller.department,
                url,
                _json(given.get("filter")),
                self._cipher.seal(key, name),
                epoch,
                offsets,
                digest,
            )
            await table.add(connection, values)
        return await self._there(name, caller), shown

    async def update(
        self, given: Mapping[str, Any], caller: Caller
    ) -> tuple[asyncpg.Record, str | None]:
        """The webhook with what was given changed, and its new secret where that was made here.

        Raises NotFound and BadInput.
        """
        name = given["id"]
        changes: dict[str, Any] = {}
        if given.get("url") is not None:
            changes["url"] = await self._checked(given["url"])
        if "filter" in given:
            changes["filter"] = _json(given["filter"])
        shown = None
        async with self._postgres.acquire() as connection, connection.transaction():
            row = await self._locked(connection, name, caller)
            if given.get("secret") is not None or given.get("rotateSecret"):
                shown, key = _secret(given.get("secret"))
                until = datetime.now(UTC) + timedelta(hours=self._limits.overlap_hours)
                changes |= {
                    "secret": self._cipher.seal(key, name),
                    "old_secret": row["secret"],
                    "old_secret_until": until,
                }
            state = given.get("state")
            if state == "DISABLED":
                raise BadInput("only the hub disables webhooks: set the state to PAUSED")
            if state is not None and state != row["state"]:
                changes |= {"state": state, "reason": None}
                if state == "ACTIVE":
                    changes |= {"failing_since": None, "offsets": await _kept(connection, row)}
                    await table.resume(connection, name)
            if changes:
                await table.change(connection, name, changes)
        return await self._there(name, caller), shown

    async def delete(self, webhook: str, caller: Caller) -> None:
        """Remove a webhook with its log. Raises NotFound."""
        async with self._postgres.acquire() as connection, connection.transaction():
            await self._locked(connection, webhook, caller)
            await table.remove(connection, webhook)

    async def replay(
        self, webhook: str, place: tuple[str, list[int]] | None, caller: Caller
    ) -> tuple[asyncpg.Record, int]:
        """Send again what was parked, and all that comes after a place: (topic id, vector).

        Also tells how many had been parked. Raises NotFound and CursorExpired.
        """
        async with self._postgres.acquire() as connection, connection.transaction():
            await self._locked(connection, webhook, caller)
            changes: dict[str, Any] = {}
            if place is not None:
                epoch, offsets = await self._epoch_of(connection, *place)
                changes = {"epoch": epoch, "offsets": offsets}
            parked = await table.unpark(connection, webhook)
            await table.change(connection, webhook, changes)
        return await self._there(webhook, caller), parked

    async def ping(self, webhook: str, caller: Caller) -> Outcome:
        """Send a test message now. Raises NotFound, BadInput and Overloaded."""
        row = await self.find(webhook, caller)
        if row is None:
            raise _unknown(webhook)
        if self._pings >= PINGS:
            raise Overloaded("too many pings are under way; try again later")
        self._pings += 1
        try:
            target = read_target(row["url"], private=self._limits.private)
            key = self._cipher.open(row["secret"], webhook)
            name, body = ping_of(webhook, self._source)
            post = Post(target, self._names, self._context)
            try:
                return await post.send(body, signed_headers([key], name, int(time.time()), body))
            finally:
                await post.close()
        except (UrlRefused, SecretLost) as error:
            raise BadInput(str(error)) from error
        finally:
            self._pings -= 1

    async def _checked(self, url: str) -> str:
        """An address in its normal form that leads to where webhooks may. Raises BadInput."""
        try:
            target = read_target(url, private=self._limits.private)
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await self._names.addresses(target.host, target.port)
        except (UrlRefused, AddressRefused) as error:
            raise BadInput(str(error)) from error
        except TimeoutError:
            raise BadInput("the url's host does not lead to a public address") from None
        return target.url

    async def _repeated(
        self, name: str, digest: bytes, caller: Caller, connection: Connection | None = None
    ) -> asyncpg.Record | None:
        rows = await table.visible(connection or self._postgres, caller.subject, name)
        if not rows:
            return None
        if rows[0]["request_hash"] != digest:
            raise MutationIdReused(
                "this clientMutationId made a webhook of other input: use a new one"
            )
        return rows[0]

    async def _locked(self, connection: Connection, webhook: str, caller: Caller) -> asyncpg.Record:
        row = await table.locked(connection, webhook)
        owner = _owner(caller)
        if row is None or (owner is not None and row["owner"] != owner):
            raise _unknown(webhook)
        return row

    async def _there(self, webhook: str, caller: Caller) -> asyncpg.Record:
        row = await self.find(webhook, caller)
        if row is None:
            raise _unknown(webhook)
        return row

    async def _epoch_of(
        self, connection: Connection, topic_id: str, offsets: list[int]
    ) -> tuple[int, list[int]]:
        if not topic_id:  # the cursor of a store that had no events yet
            return 0, []
        found = await table.topic(connection, topic_id)
        expired = found is None or any(
            here < first for here, first in zip(offsets, found[1], strict=False)
        )
        if found is None or expired:
            raise CursorExpired(
                "what comes after this cursor is no longer kept: take a liveCursor and go on there"
            )
        return found[0], offsets


async def _kept(connection: Connection, row: asyncpg.Record) -> list[int]:
    """A webhook's position, or where what is kept begins, if that is later."""
    first = await table.first_kept(connection, row["epoch"])
    offsets = list(row["offsets"])
    offsets += [0] * (len(first) - len(offsets))
    return [max(pair) for pair in zip(offsets, first, strict=False)] if first else offsets


def _owner(caller: Caller) -> str | None:
    """Whose webhooks a caller sees; None for everybody's."""
    assert caller.subject is not None
    return None if STEWARD in caller.roles else caller.subject


def _new_id(subject: str, mutation: str | None) -> str:
    """By chance, or of the caller's own id."""
    if mutation is None:
        return f"wh_{secrets.token_hex(16)}"
    return "wh_" + blake2b(f"{subject}\x1f{mutation}".encode(), digest_size=16).hexdigest()


def _secret(given: str | None) -> tuple[str | None, bytes]:
    """What to show of a secret, and its bytes. Raises BadInput."""
    shown = new_secret() if given is None else None
    try:
        return shown, secret_bytes(shown or given or "")
    except SecretRefused as error:
        raise BadInput(str(error)) from error


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _unknown(webhook: str) -> NotFound:
    return NotFound(f"you have no webhook {webhook[:64]!r}")
