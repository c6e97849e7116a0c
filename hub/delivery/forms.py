"""The two forms in which messages are the parts of an HTTP response.

SSE: GraphQL over Server-Sent Events, distinct connections
(https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md); each message has its cursor as
`id`, so that a client that connects again sends it as `Last-Event-ID`. Multipart: the protocol for
subscriptions of Apollo's router and clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from hub.delivery.batch import Batch
from hub.media import MULTIPART, SSE


class Form(Protocol):
    """How messages become bytes."""

    @property
    def name(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def opening(self) -> bytes:
        """Sent at once, so that the client knows that it is connected."""
        ...

    @property
    def alive(self) -> bytes:
        """Sent when nothing else was for some time."""
        ...

    def encode(self, batch: Batch) -> bytes: ...
    def answer(self, body: bytes) -> bytes:
        """One whole answer, not a stream's message."""
        ...

    def errors(self, errors: list[dict[str, Any]]) -> bytes: ...
    @property
    def complete(self) -> bytes:
        """The last word."""
        ...


@dataclass(frozen=True)
class EventStream:
    """text/event-stream."""

    name: str = "sse"
    opening: bytes = b":\n\n"
    alive: bytes = b":\n\n"
    complete: bytes = b"event: complete\ndata: \n\n"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Content-Type": f"{SSE}; charset=utf-8"}

    def encode(self, batch: Batch) -> bytes:
        return b"".join(
            b"event: next\nid: " + cursor.encode() + b"\ndata: " + payload + b"\n\n"
            for cursor, payload in zip(batch.cursors, batch.payloads, strict=True)
        )

    def answer(self, body: bytes) -> bytes:
        return b"event: next\ndata: " + body + b"\n\n"

    def errors(self, errors: list[dict[str, Any]]) -> bytes:
        return self.answer(orjson.dumps({"errors": errors}))


@dataclass(frozen=True)
class Multipart:
    """multipart/mixed."""

    name: str = "multipart"
    opening: bytes = b"\r\n---\r\nContent-Type: application/json\r\n\r\n{}\r\n---"
    alive: bytes = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n---"
    complete: bytes = b"--\r\n"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Content-Type": f'{MULTIPART};boundary="-";subscriptionSpec=1.0'}

    def encode(self, batch: Batch) -> bytes:
        return b"".join(self.answer(payload) for payload in batch.payloads)

    def answer(self, body: bytes) -> bytes:
        return self._part(b'{"payload":' + body + b"}")

    def errors(self, errors: list[dict[str, Any]]) -> bytes:
        return self._part(orjson.dumps({"payload": None, "errors": errors}))

    def _part(self, body: bytes) -> bytes:
        return b"\r\nContent-Type: application/json\r\n\r\n" + body + b"\r\n---"


FORMS: Mapping[str, Form] = {SSE: EventStream(), MULTIPART: Multipart()}
