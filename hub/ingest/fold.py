"""Folding: what a detection, a review or silence makes of an event. Pure: no clock, no store.

The first observation of an episode opens its event, later ones update it, the word that it is gone
closes it, and a review may come at any time. Silence closes it for the time being: a later
observation re-opens it. Each accepted message makes one version, numbered from 1; a repeat makes
none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hub.ingest.observed import Dead, Judged, Observed

REVIEWS_KEPT = 100
"""Ids of reviews that are remembered of one event."""

TOLD_BEFORE = (
    "version",
    "status",
    "grid",
    "venue",
    "firm",
    "path",
    "position",
    "updatedAt",
    "closedAt",
    "recordedAt",
    "confidence",
    "verdict",
    "reviewedBy",
    "reviewedAt",
    "rule",
    "zone",
    "source",
    "phase",
)
"""Of these a version tells the values that it changed (wire.Before)."""

Doc = dict[str, Any]
"""An event's version under its names on the wire (wire.Event)."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an observation is put."""

    grid: str | None
    venue: str | None
    firm: str | None
    path: list[str]
    position: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of an event: its latest version, when it was last seen or else gone
    (capture time), the reviews that were taken, oldest first, and whether it is closed for its
    silence only: nobody said that it is gone."""

    doc: Doc
    seen: str
    reviews: tuple[str, ...] = ()
    silenced: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.doc["status"] == "OPEN")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A message that says nothing new."""


DUPLICATE = Duplicate()
Outcome = Kept | Duplicate | Dead
"""The event as it is now (its doc is the new version), or why there is none."""


def fold_detection(kept: Kept | None, observed: Observed, spot: Spot, now: str) -> Outcome:
    """What an observation makes of the event as it was (None: there is none)."""
    detection = observed.detection
    gone = detection.phase == "GONE"
    if kept is None:
        if gone:
            return Dead("GONE without anything seen before: there is nothing to close")
        return Kept(_opened(observed, spot, now), observed.captured_at)
    doc = kept.doc
    if doc["type"] != detection.type:
        return Dead(f"the key speaks of an event of type {doc['type']}")
    if doc["openedAt"] != observed.started_at:
        return Dead(f"the key speaks of an event that began at {doc['openedAt']}")
    late = observed.captured_at > kept.seen
    if not late and not (gone and kept.is_open):
        return DUPLICATE
    if not kept.is_open and not kept.silenced:
        return Dead(
            f"the event was gone at {doc['closedAt']} and this is later: a new episode has another "
            "startedAt (and another key, where you send your own)"
        )
    if gone:
        return _closed(kept, observed, spot, now)
    made = {
        **doc,
        **_seen(observed),
        **_placed(spot),
        "phase": "UPDATED",
        "status": "OPEN",
        "updatedAt": observed.captured_at,
        "closedAt": None,
        "observations": doc["observations"] + 1,
    }
    if not detection.evidence:
        made["evidence"] = doc["evidence"]
    return Kept(_next(doc, made, now), observed.captured_at, kept.reviews)


def fold_review(kept: Kept | None, judged: Judged, now: str) -> Outcome:
    """What a person's verdict makes of the event as it was."""
    review = judged.review
    if kept is None:
        return Dead(f"there is no event {review.event}")
    if kept.doc["camera"] != review.camera:
        return Dead(f"the event {review.event} is another camera's")
    if review.review_id in kept.reviews:
        return DUPLICATE
    made = {
        **kept.doc,
        "phase": "REVIEWED",
        "updatedAt": judged.reviewed_at,
        "verdict": review.verdict,
        "reviewedBy": review.reviewer,
        "reviewedAt": judged.reviewed_at,
        "reviewNote": review.note,
        "reviewId": review.review_id,
    }
    reviews = (*kept.reviews[-(REVIEWS_KEPT - 1) :], review.review_id)
    return replace(kept, doc=_next(kept.doc, made, now), reviews=reviews)


def fold_silence(kept: Kept, now: str) -> Kept:
    """Close an open event of which nothing was heard for long: it ended when it was last seen."""
    made = {**kept.doc, "phase": "CLOSED", "status": "CLOSED", "closedAt": kept.seen}
    return replace(kept, doc=_next(kept.doc, made, now), silenced=True)


def _opened(observed: Observed, spot: Spot, now: str) -> Doc:
    detection = observed.detection
    return {
        "id": observed.event,
        "version": 1,
        "phase": "OPENED",
        "type": detection.type,
        "status": "OPEN",
        "camera": detection.camera,
        **_placed(spot),
        "openedAt": observed.started_at,
        "updatedAt": observed.captured_at,
        "closedAt": None,
        "recordedAt": now,
        "observations": 1,
        "verdict": None,
        "reviewedBy": None,
        "reviewedAt": None,
        "reviewNote": None,
        "reviewId": None,
        **_seen(observed),
        "before": None,
    }


def _closed(kept: Kept, observed: Observed, spot: Spot, now: str) -> Kept:
    """It is gone: what the message leaves out stays as it was seen last."""
    detection = observed.detection
    ended = max(observed.captured_at, kept.seen)
    made = {
        **kept.doc,
        "phase": "CLOSED",
        "status": "CLOSED",
        "updatedAt": ended,
        "closedAt": ended,
    }
    if detection.position is not None:
        made.update(_placed(spot))
    if detection.evidence:
        made["evidence"] = _evidence(observed)
    if observed.attributes:
        made["attributes"] = observed.attributes
    return Kept(_next(kept.doc, made, now), ended, kept.reviews)


def _next(was: Doc, made: Doc, now: str) -> Doc:
    made["version"] = was["version"] + 1
    made["recordedAt"] = max(now, was["recordedAt"])
    made["before"] = {name: was[name] for name in TOLD_BEFORE if was[name] != made[name]}
    return made


def _placed(spot: Spot) -> Doc:
    return {
        "grid": spot.grid,
        "venue": spot.venue,
        "firm": spot.firm,
        "path": spot.path,
        "position": spot.position,
    }


def _seen(observed: Observed) -> Doc:
    detection = observed.detection
    return {
        "zone": detection.zone,
        "confidence": detection.confidence,
        "box": detection.box,
        "evidence": _evidence(observed),
        "attributes": observed.attributes,
        "rule": detection.rule,
        "ruleVersion": detection.rule_version,
        "model": detection.model,
        "modelVersion": detection.model_version,
        "source": detection.source,
    }


def _evidence(observed: Observed) -> list[Doc]:
    return [
        {"kind": each.kind, "sha256": each.sha256, "mediaType": each.media_type}
        for each in observed.detection.evidence
    ]
