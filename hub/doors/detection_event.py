"""A detection out of a CloudEvent that a vendor's algorithm sent.

| CloudEvent | Detection |
| --- | --- |
| `type` `city.hub.detection.seen` or `.gone` | `phase` |
| `subject` | `camera` |
| `time` | `capturedAt` |
| `source` | `source` |
| `data` | all other fields; the four above may stand in it as well, the first two only if equal |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from cloudevents.core.v1.event import CloudEvent
from pydantic import ValidationError

from hub.doors.cloud_events import Entry, Fault
from schema.cloud_event_types import DETECTION_GONE, DETECTION_SEEN, PHASES
from schema.wire import MAX_ATTRIBUTES_BYTES, MAX_MESSAGE_BYTES, Detection, detection_key

REMEDIES = {
    "missing": "add it",
    "extra_forbidden": "leave it out: what has no field of its own goes into data.attributes",
    "timezone_aware": "add the offset, such as +08:00 or Z",
}
NO_KEY = "-" * 8
"""Stands for a key that is made when all it is made of was found good."""


def detection_of(entry: Entry) -> tuple[Detection | None, bytes, list[Fault]]:
    """The detection of one entry and the message that it is on Kafka; or what is wrong with it."""
    if entry.event is None:
        return None, b"", entry.faults
    given, faults = _fields(entry.event, entry.timed)
    if faults:
        return None, b"", faults
    keyed = given.get("key") is not None
    try:
        detection = Detection.model_validate_json(
            orjson.dumps(given if keyed else given | {"key": NO_KEY}), strict=True
        )
        if not keyed:
            key = detection_key(
                detection.camera, detection.type, detection.zone, detection.started_at
            )
            detection = detection.model_copy(update={"key": key})
        message = detection.model_dump_json(by_alias=True, exclude_unset=True).encode()
    except ValidationError as error:
        return None, b"", list(_told(error))
    except (TypeError, ValueError, OverflowError) as error:
        told = f"it cannot be read: {str(error)[:200]}"
        return None, b"", [Fault("data", told, "correct it")]
    return detection, message, _refusable(detection, message)


def _fields(event: CloudEvent, timed: bool) -> tuple[dict[str, Any], list[Fault]]:
    """The detection's fields from attributes and data together."""
    data = event.get_data()
    assert isinstance(data, dict)
    phase, subject = PHASES.get(event.get_type()), event.get_subject()
    faults = []
    if phase is None:
        faults.append(
            Fault(
                "type",
                "it is no type that is taken here",
                f"send {DETECTION_SEEN} or {DETECTION_GONE}",
            )
        )
    elif data.get("phase", phase) != phase:
        faults.append(Fault("data.phase", f"the type says {phase}", "leave it out"))
    if subject is not None and data.get("camera", subject) != subject:
        faults.append(Fault("data.camera", "the subject is another camera", "leave it out"))
    given = dict(data)
    if subject is None and given.get("camera") is None:
        faults.append(Fault("subject", "it is missing", "send the camera's code"))
    elif subject is not None:
        given["camera"] = subject
    time = event.get_time()
    if given.get("capturedAt") is None and timed and time is not None:
        given["capturedAt"] = time.isoformat()
    given.setdefault("source", event.get_source())
    given["phase"] = phase
    return given, faults


def _refusable(detection: Detection, message: bytes) -> list[Fault]:
    """What the models leave open and ingest would refuse: sizes, times in the wrong order,
    characters that no store keeps."""
    faults = []
    if detection.captured_at < detection.started_at:
        faults.append(Fault("data.startedAt", "it is after capturedAt", "correct one of the two"))
    attributes = len(orjson.dumps(detection.attributes, default=str))
    if attributes > MAX_ATTRIBUTES_BYTES:
        told = f"they take {attributes} bytes of JSON, over {MAX_ATTRIBUTES_BYTES}"
        faults.append(Fault("data.attributes", told, "send less"))
    if len(message) > MAX_MESSAGE_BYTES:
        told = f"the detection takes {len(message)} bytes of JSON, over {MAX_MESSAGE_BYTES}"
        faults.append(Fault("data", told, "send less"))
    if b"\\u0000" in message:
        faults.append(Fault("data", "a text holds the character U+0000", "leave it out"))
    return faults


def _told(error: ValidationError) -> Iterator[Fault]:
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        at = ".".join(str(part) for part in each["loc"])[:200]
        remedy = REMEDIES.get(each["type"], "correct it")
        if at == "capturedAt" and each["type"] == "missing":
            remedy = "add it, or send the CloudEvent's time"
        yield Fault(f"data.{at}" if at else "data", each["msg"][:200], remedy)
