"""What is sent: a CloudEvent (1.0, structured) for each version of an event, and for a ping."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from schema.cloud_event_types import EVENT_TYPES
from schema.wire import EventPhase

PING = "city.hub.webhook.ping"


def body_of(doc: str, *, source: str, left: bool, cursor: str) -> bytes:
    """The body for a version; `doc` is its JSON as it stood on the topic."""
    event: dict[str, Any] = orjson.loads(doc)
    event.pop("reviewId", None)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{event['id']}/{event['version']}",
            "source": source,
            "type": EVENT_TYPES[EventPhase(event["phase"])],
            "subject": event["camera"],
            "time": event["recordedAt"],
            "datacontenttype": "application/json",
            "data": {"event": event, "left": left, "cursor": cursor},
        }
    )


def ping_of(webhook: str, source: str) -> tuple[str, bytes]:
    """The id and body of a test message."""
    number = secrets.token_hex(16)
    body = {
        "specversion": "1.0",
        "id": number,
        "source": source,
        "type": PING,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
        "data": {"webhook": webhook},
    }
    return f"msg_{number}", orjson.dumps(body)


def vector_text(offsets: Sequence[int]) -> str:
    """A vector as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, offsets)) + "}"
