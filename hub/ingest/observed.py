"""Reading a detection or a review: checked against its model, or dead with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import AwareDatetime, ValidationError

from schema.wire import (
    MAX_ATTRIBUTES_BYTES,
    MAX_MESSAGE_BYTES,
    Detection,
    Message,
    Review,
    detection_key,
    event_id,
)

AHEAD = timedelta(hours=24)
"""How far a capture may lie after the instant at which Kafka got the message."""


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that cannot be taken, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Observed:
    """A detection that is sound in itself; instants as text of fixed width, in UTC."""

    event: str
    """The id of the event it speaks of."""
    detection: Detection
    started_at: str
    captured_at: str
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A review that is sound in itself."""

    event: str
    review: Review
    reviewed_at: str


def observe(value: bytes | None, key: bytes | None, received_ms: int) -> Observed | Dead:
    """The detection in a message that Kafka got at `received_ms` (Unix time)."""
    try:
        detection = Detection.model_validate_json(_checked(value))
        _check_key(key, detection.camera)
        if detection.captured_at < detection.started_at:
            return Dead("startedAt is after capturedAt")
        received = datetime.fromtimestamp(received_ms / 1000, UTC)
        if detection.captured_at - received > AHEAD:
            return Dead("capturedAt lies more than 24 hours in the future")
        if detection.attributes:
            size = len(orjson.dumps(detection.attributes))
            if size > MAX_ATTRIBUTES_BYTES:
                return Dead(f"attributes take {size} bytes of {MAX_ATTRIBUTES_BYTES}")
        return Observed(
            event_id(detection.camera, detection.key),
            detection,
            instant(detection.started_at),
            instant(detection.captured_at),
            detection.attributes,
        )
    except Exception as error:  # whatever a message can do to what reads it
        return Dead(_reason(error))


def judge(value: bytes | None, key: bytes | None) -> Judged | Dead:
    """The review in a message."""
    try:
        review = Review.model_validate_json(_checked(value))
        _check_key(key, review.camera)
        return Judged(review.event, review, instant(review.reviewed_at))
    except Exception as error:
        return Dead(_reason(error))


def has_own_key(detection: Detection) -> bool:
    """Whether the key is not the one that wire.detection_key gives the episode."""
    made = detection_key(detection.camera, detection.type, detection.zone, detection.started_at)
    return made != detection.key


def instant(moment: AwareDatetime) -> str:
    """`2026-01-31T00:00:00.000000Z`. Raises OverflowError before the year 1 or after 9999."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _checked(value: bytes | None) -> bytes:
    if not value:
        raise ValueError("the message is empty")
    if len(value) > MAX_MESSAGE_BYTES:
        raise ValueError(f"the message has {len(value)} bytes of {MAX_MESSAGE_BYTES}")
    if b"\\u0000" in value or b"\x00" in value:
        raise ValueError("the message holds a NUL character")
    return value


def _check_key(key: bytes | None, camera: str) -> None:
    if key is not None and key != camera.encode():
        raise ValueError("the message's key is not its camera's code")


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return (
            f"{type(error).__name__}: {error}"[:500]
            if not isinstance(error, ValueError)
            else (str(error)[:500])
        )
    found = [
        f"{'.'.join(str(part) for part in each['loc']) or 'message'}: {each['msg']}"
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return ("; ".join(found[:5]) + more)[:500]


__all__ = ["Dead", "Judged", "Message", "Observed", "has_own_key", "instant", "judge", "observe"]
