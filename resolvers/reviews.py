"""People's verdicts on events: sent to ingest, which alone numbers versions, and waited for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from resolvers.errors import BadInput, Forbidden, MutationIdReused, NotFound
from resolvers.rights import Caller
from resolvers.stores.postgres import Postgres
from resolvers.stores.sender import Outgoing, Sender

MAX_NOTE = 2_000
"""Longest note, in characters."""

NOW = "select camera, doc from events where id = $1"
REVIEWED = """
select doc from event_versions where review_id = $1 order by id = $2 desc, version limit 1"""
STORED = """
select doc from event_versions where review_id = $1 and id = $2 order by version limit 1"""


@dataclass(frozen=True)
class Reviewed:
    """An event after its review, or before it while ingest has not stored that yet."""

    doc: dict[str, Any]
    stored: bool


class Reviews:
    """Sends verdicts to the topic of reviews and waits until PostgreSQL has them."""

    def __init__(
        self,
        postgres: Postgres,
        sender: Sender,
        topic: str,
        *,
        seconds: float = 10,
        pause: float = 0.03,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._postgres = postgres
        self._sender = sender
        self._topic = topic
        self._tries = max(1, round(seconds / pause))
        self._pause = pause
        self._now = now
        self._sleep = sleep

    async def review(
        self,
        event: str,
        verdict: str,
        note: str | None,
        *,
        caller: Caller,
        client_mutation_id: str | None = None,
    ) -> Reviewed:
        """The event with the verdict as its next version.

        Given again with the same id of the caller's, it is the same review. Raises NotFound,
        BadInput for a note that is too long, MutationIdReused where another review was stored
        under the id, and StoreUnavailable where it could not be sent. Of two at once under one id
        ingest takes the first.
        """
        if note is not None and len(note) > MAX_NOTE:
            raise BadInput(f"the note has {len(note):,} characters, at most {MAX_NOTE:,}")
        row = await self._postgres.fetchrow(NOW, event)
        if row is None:
            raise NotFound(f"there is no event {event[:64]!r}")
        if caller.subject is None:
            raise Forbidden("only people who are signed in review events")
        review_id = _review_id(caller.subject, client_mutation_id)
        known = await self._postgres.fetchval(REVIEWED, review_id, event)
        if known is not None:
            return _same(known, event, verdict, note, client_mutation_id)
        message = {
            "reviewId": review_id,
            "event": event,
            "camera": row["camera"],
            "verdict": verdict,
            "note": note,
            "reviewer": caller.subject[:200],
            "reviewedAt": self._now().isoformat(),
        }
        key = row["camera"].encode()
        await self._sender.send([Outgoing(self._topic, key, orjson.dumps(message))])
        for _ in range(self._tries):
            doc = await self._postgres.fetchval(STORED, review_id, event)
            if doc is not None:
                return _same(doc, event, verdict, note, client_mutation_id)
            await self._sleep(self._pause)
        return Reviewed(orjson.loads(row["doc"]), False)


def _same(
    stored: str, event: str, verdict: str, note: str | None, client_mutation_id: str | None
) -> Reviewed:
    """What is stored under the review's id. Raises MutationIdReused where it is another review."""
    doc = orjson.loads(stored)
    if (doc["id"], doc["verdict"], doc["reviewNote"]) != (event, verdict, note):
        raise MutationIdReused(
            f"clientMutationId {client_mutation_id!r} was sent before with another event, verdict "
            "or note: use a new one for a new review",
            clientMutationId=client_mutation_id,
        )
    return Reviewed(doc, True)


def _review_id(subject: str, client_mutation_id: str | None) -> str:
    """32 hexadecimal digits: of the caller's own id, or by chance where there is none."""
    if client_mutation_id is None:
        return secrets.token_hex(16)
    text = f"{subject}\x1f{client_mutation_id}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
