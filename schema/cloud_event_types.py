"""The types of the CloudEvents that come in over HTTP and go out by webhooks."""

from __future__ import annotations

from schema.wire import EventPhase

DETECTION_SEEN = "city.hub.detection.seen"
DETECTION_GONE = "city.hub.detection.gone"
PHASES = {DETECTION_SEEN: "SEEN", DETECTION_GONE: "GONE"}
"""The phase of a detection, by the type of its CloudEvent."""

EVENT_TYPES = {phase: f"city.hub.event.{phase.lower()}" for phase in EventPhase}
"""The type of the CloudEvent of an event's version, by its phase."""
