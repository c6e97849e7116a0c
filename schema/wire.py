"""The messages that travel on Kafka, each as JSON in UTF-8 with the camera's code as its key.

What comes from outside (`Detection`, `Review`) is checked against these models by who reads it;
what ingest makes (`Event`) has their shape. Instants are RFC 3339 with an offset; ingest writes
them in UTC, of fixed width (`2026-01-31T00:00:00.000000Z`), so that they compare as they read.
"""

from __future__ import annotations

from datetime import UTC
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

DETECTIONS = "detections"
REVIEWS = "event.reviews"
EVENTS = "events"
OPEN_EVENTS = "events.open"
DEAD = "detections.dead"
CHANGES = "graph.changes"
TOPICS = (DETECTIONS, REVIEWS, EVENTS, OPEN_EVENTS, DEAD, CHANGES)
"""All topics; the setting `HUB_TOPIC_PREFIX` stands before each name."""

MAX_MESSAGE_BYTES = 64_000
"""Longest detection or review, in bytes of JSON."""
MAX_ATTRIBUTES_BYTES = 16_000


class EventType(StrEnum):
    """What the rules of the video algorithms find."""

    CROWD_GATHERING = "CROWD_GATHERING"
    PEOPLE_FLOW = "PEOPLE_FLOW"
    OUT_OF_STORE_BUSINESS = "OUT_OF_STORE_BUSINESS"
    GARBAGE_PILE = "GARBAGE_PILE"
    BIN_OVERFLOW = "BIN_OVERFLOW"
    HIGH_ALTITUDE_THROWING = "HIGH_ALTITUDE_THROWING"
    ILLEGAL_PARKING = "ILLEGAL_PARKING"


class EventPhase(StrEnum):
    """What made a version of an event."""

    OPENED = "OPENED"
    UPDATED = "UPDATED"
    CLOSED = "CLOSED"
    REVIEWED = "REVIEWED"


class EventStatus(StrEnum):
    """Whether it goes on."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Verdict(StrEnum):
    """What a person found."""

    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Short = Annotated[str, StringConstraints(max_length=200)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """What all messages have in common: unknown names are refused, so that none is lost unseen."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Position(Message):
    """WGS 84, degrees."""

    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)


class Evidence(Message):
    """A snapshot or clip in the store of objects, by its SHA-256."""

    kind: Literal["SNAPSHOT", "RAW_SNAPSHOT", "CLIP"]
    sha256: Sha256
    media_type: Annotated[str, StringConstraints(max_length=100)] = Field(alias="mediaType")


class Detection(Message):
    """One observation by a rule on one camera's video."""

    key: Key
    """`detection_key` of the episode: all observations of one episode share it."""
    type: EventType
    phase: Literal["SEEN", "GONE"]
    camera: Code
    zone: Short | None = None
    started_at: AwareDatetime = Field(alias="startedAt")
    """When the episode began, in capture time."""
    captured_at: AwareDatetime = Field(alias="capturedAt")
    """When the frame was taken."""
    confidence: float = Field(ge=0, le=1)
    box: tuple[float, float, float, float] | None = None
    """x1 y1 x2 y2 in pixels."""
    position: Position | None = None
    venue: Code | None = None
    evidence: list[Evidence] = Field(default=[], max_length=20)
    attributes: dict[str, Any] = {}
    """What the rule counted or measured, e.g. `{"people": 31}`."""
    rule: Short
    rule_version: Short = Field(alias="ruleVersion")
    model: Short | None = None
    model_version: Short | None = Field(default=None, alias="modelVersion")
    source: Short
    """Who made it; `generated` marks made-up data."""


class Review(Message):
    """A person's verdict on an event."""

    review_id: Key = Field(alias="reviewId")
    """The same id is taken once."""
    event: Key
    camera: Code
    verdict: Verdict
    note: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    reviewer: Short
    reviewed_at: AwareDatetime = Field(alias="reviewedAt")


class Before(Message):
    """The values that a version changed, as the version before had them; the rest was the same."""

    version: int | None = None
    status: EventStatus | None = None
    grid: str | None = None
    venue: str | None = None
    firm: str | None = None
    path: list[str] | None = None
    position: Position | None = None
    updated_at: str | None = Field(default=None, alias="updatedAt")
    closed_at: str | None = Field(default=None, alias="closedAt")
    recorded_at: str | None = Field(default=None, alias="recordedAt")
    confidence: float | None = None
    verdict: Verdict | None = None
    reviewed_by: str | None = Field(default=None, alias="reviewedBy")
    reviewed_at: str | None = Field(default=None, alias="reviewedAt")
    rule: str | None = None
    zone: str | None = None
    source: str | None = None
    phase: EventPhase | None = None


class Event(Message):
    """One version of an event, as ingest writes it."""

    id: Key
    version: int = Field(ge=1)
    phase: EventPhase
    type: EventType
    status: EventStatus
    camera: Code
    grid: str | None
    venue: str | None
    firm: str | None
    """Who operated the venue when this version was made."""
    path: list[str]
    """Codes of the divisions it lies in, from the topmost down to the grid."""
    zone: str | None
    position: Position | None
    opened_at: str = Field(alias="openedAt")
    updated_at: str = Field(alias="updatedAt")
    """Capture time of the latest observation, or the time of the review."""
    closed_at: str | None = Field(alias="closedAt")
    recorded_at: str = Field(alias="recordedAt")
    """When ingest made this version."""
    confidence: float
    observations: int
    verdict: Verdict | None
    reviewed_by: str | None = Field(alias="reviewedBy")
    reviewed_at: str | None = Field(alias="reviewedAt")
    review_note: str | None = Field(alias="reviewNote")
    review_id: str | None = Field(alias="reviewId")
    box: tuple[float, float, float, float] | None
    evidence: list[Evidence]
    attributes: dict[str, Any]
    rule: str
    rule_version: str = Field(alias="ruleVersion")
    model: str | None
    model_version: str | None = Field(alias="modelVersion")
    source: str
    before: Before | None
    """None for the first version; else what this version changed, with the values before."""


class DeadLetter(Message):
    """A message that ingest could not take, and why. Its key is that of the message."""

    reason: str
    topic: str
    partition: int
    offset: int
    key: str | None
    value: str
    """The message's bytes as text, or in base64 where they are not UTF-8."""
    encoding: Literal["utf-8", "base64"]
    died_at: AwareDatetime = Field(alias="diedAt")


class GraphChange(Message):
    """One change of one record, in the order of the change log. Its key is `Type:code`."""

    position: int
    ordinal: int
    """Its place among the changes of its change set, from 1."""
    type: str
    code: str
    version: int
    operation: Literal["CREATED", "UPDATED", "RETIRED", "RESTORED"]
    recorded_at: AwareDatetime = Field(alias="recordedAt")
    actor: str
    source: str
    reason: str | None
    fields: dict[str, Any]
    edges: dict[str, Any]


def detection_key(camera: str, event_type: str, zone: str | None, started_at: AwareDatetime) -> str:
    """The key of an episode: 32 hexadecimal digits, equal whenever the clip is replayed."""
    began = started_at.astimezone(UTC).isoformat(timespec="microseconds")
    text = "\x1f".join((camera, event_type, zone or "", began))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def event_id(camera: str, key: str) -> str:
    """The id of the event that an episode makes: 32 hexadecimal digits. The camera is part of it,
    so that a key can only ever speak of its own camera's events."""
    return blake2b(f"{camera}\x1f{key}".encode(), digest_size=16).hexdigest()
