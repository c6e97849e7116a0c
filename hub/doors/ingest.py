"""`POST /ingest/events`: detections from other vendors' algorithms, as CloudEvents over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.doors.cloud_events import Entry, Fault, read_entries
from hub.doors.detection_event import detection_of
from hub.errors_http import answer_error, answer_errors
from hub.request import info_of
from resolvers.errors import BadInput, BadRequest, Forbidden, StoreUnavailable, Unauthenticated
from resolvers.rights import STEWARD, Caller
from resolvers.stores.sender import Outgoing, Sender

DETECTOR = "detector"
"""The role of those who may send detections."""
MOST_TOLD = 100
"""Faults that one answer lists."""
RETRY_AFTER = "5"
TURN = 50
"""Entries that are read in one go."""
ORIGIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")
"""A host as `WebHook-Request-Origin` names it."""


class IngestDoor:
    """Takes whole requests or nothing: 202 when Kafka keeps all of a request's detections."""

    def __init__(self, sender: Sender, topic: str, most: int) -> None:
        self.sender = sender
        self.topic = topic
        self.most = most

    async def answer(self, request: Request) -> Response:
        """POST, and OPTIONS for the handshake of CloudEvents' HTTP WebHooks."""
        if request.method == "OPTIONS":
            return self._handshake(request)
        check_sender(info_of(request.scope).caller)
        entries = read_entries(request.headers, await request.body(), self.most)
        messages, errors = await self._messages(entries)
        if errors:
            return answer_errors(errors[:MOST_TOLD], 400, request.scope)
        try:
            await self.sender.send(messages)
        except StoreUnavailable as error:
            response = answer_error(error, request.scope)
            response.headers["Retry-After"] = RETRY_AFTER
            return response
        return Response(
            orjson.dumps({"accepted": len(messages)}),
            202,
            headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
        )

    async def _messages(
        self, entries: Iterator[Entry]
    ) -> tuple[list[Outgoing], list[dict[str, Any]]]:
        """What goes to Kafka, or the errors; others have their turn between entries."""
        messages, errors = [], []
        for entry in entries:
            if entry.index % TURN == TURN - 1:
                await asyncio.sleep(0)
            detection, message, faults = detection_of(entry)
            errors += [_error(entry, fault) for fault in faults]
            if len(errors) >= MOST_TOLD:
                break
            if detection is not None:
                messages.append(Outgoing(self.topic, detection.camera.encode(), message))
        return messages, errors

    def _handshake(self, request: Request) -> Response:
        """HTTP 1.1 Web Hooks for Event Delivery, 4: any host may send, its token decides. A
        `WebHook-Request-Callback` is not called."""
        origin = request.headers.get("webhook-request-origin", "")
        if not ORIGIN.fullmatch(origin):
            raise BadRequest("OPTIONS is for the handshake: send WebHook-Request-Origin: HOST")
        headers = {
            "Allow": "POST, OPTIONS",
            "WebHook-Allowed-Origin": origin,
            "WebHook-Allowed-Rate": "*",
        }
        return Response(status_code=200, headers=headers)


def check_sender(caller: Caller) -> None:
    """Refuse who may not send detections: Unauthenticated or Forbidden."""
    if not caller.signed_in:
        raise Unauthenticated(
            "detections are taken from signed-in senders: send a token "
            f"(`hub token --subject NAME --role {DETECTOR}`) as 'Authorization: Bearer …'"
        )
    if not caller.roles & {DETECTOR, STEWARD}:
        raise Forbidden(f"sending detections needs the role '{DETECTOR}'")


def _error(entry: Entry, fault: Fault) -> dict[str, Any]:
    """One fault as an error; `index` is the entry's place in the request, from 0."""
    place = f"entry {entry.index}" + (f", {fault.at}" if fault.at else "")
    error = BadInput(
        f"{place}: {fault.what}; {fault.remedy}, and send the whole request again",
        index=entry.index,
        id=entry.id,
        at=fault.at,
    )
    return error.as_dict()
