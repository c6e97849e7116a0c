"""Made-up detections: what the rules on many cameras would find, deterministic from a seed.

Episodes begin on cameras drawn at random, are seen several times each, and are gone. Each message
follows the one before by the same time, so many episodes go on at once, and every camera's
messages are in order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from hub.generate.streams import stream
from schema.wire import EventType, detection_key

SOURCE = "generated"
SEEN_MOST = 12
"""Most observations of an episode."""
ZONES = ("east", "west", "gate", None)

RULES = {
    EventType.CROWD_GATHERING: ("crowd-gathering", "people", 60),
    EventType.PEOPLE_FLOW: ("people-flow", "occupancy", 200),
    EventType.OUT_OF_STORE_BUSINESS: ("out-of-store-business", "stalls", 4),
    EventType.GARBAGE_PILE: ("garbage-pile", "square_decimetres", 90),
    EventType.BIN_OVERFLOW: ("bin-overflow", "percent", 100),
    EventType.HIGH_ALTITUDE_THROWING: ("high-altitude-throwing", "floor", 30),
    EventType.ILLEGAL_PARKING: ("illegal-parking", "seconds", 1800),
}
"""Of each type: its rule, what it counts or measures, and the most of that."""
WEIGHTS = (0.2, 0.2, 0.15, 0.15, 0.1, 0.05, 0.15)


@dataclass(frozen=True)
class Eye:
    """A camera: its code, and longitude and latitude if they are known."""

    code: str
    location: tuple[float, float] | None = None


@dataclass
class _Episode:
    eye: Eye
    type: EventType
    zone: str | None
    began: datetime
    key: str
    left: int


def detections(
    eyes: Sequence[Eye], seed: int, began: datetime, rate: float
) -> Iterator[dict[str, Any]]:
    """Messages (wire.Detection) without end, `rate` in a second of capture time from `began` on.

    Equal arguments give equal messages. Each has another capture time than the one before.
    """
    if not eyes:
        raise ValueError("there are no cameras")
    draw = np.random.Generator(stream(seed, "detections").bit_generator)
    step = timedelta(seconds=1 / rate)
    types = list(RULES)
    edges = np.cumsum(WEIGHTS)
    many = max(2, math.ceil(rate * 5))
    going: list[_Episode] = []
    at = began
    while True:
        a, b, c, d = (float(x) for x in draw.random(4))
        if not going or (len(going) < many and a < 0.5) or a < 0.1:
            eye = eyes[int(b * len(eyes))]
            kind = types[min(int(np.searchsorted(edges, c)), len(types) - 1)]
            zone = ZONES[int(d * len(ZONES))]
            key = detection_key(eye.code, kind, zone, at)
            episode = _Episode(eye, kind, zone, at, key, 1 + int(SEEN_MOST * b * c))
            going.append(episode)
            yield _message(episode, at, d, b)
        else:
            which = int(b * len(going))
            episode = going[which]
            if episode.left:
                episode.left -= 1
                yield _message(episode, at, c, d)
            else:
                going[which] = going[-1]
                going.pop()
                yield _message(episode, at, c, d, gone=True)
        at += step


def _message(
    episode: _Episode, at: datetime, a: float, b: float, *, gone: bool = False
) -> dict[str, Any]:
    rule, measured, most = RULES[episode.type]
    made: dict[str, Any] = {
        "key": episode.key,
        "type": episode.type,
        "phase": "GONE" if gone else "SEEN",
        "camera": episode.eye.code,
        "zone": episode.zone,
        "startedAt": episode.began.isoformat(),
        "capturedAt": at.isoformat(),
        "confidence": round(0.5 + a / 2, 3),
        "rule": rule,
        "ruleVersion": "1.0.0",
        "source": SOURCE,
    }
    if gone:
        return made
    left, top = round(1600 * a, 1), round(800 * b, 1)
    made["box"] = [left, top, left + 240, top + 160]
    made["attributes"] = {measured: 1 + int(most * b)}
    if episode.eye.location is not None and episode.type is EventType.ILLEGAL_PARKING:
        longitude, latitude = episode.eye.location
        made["position"] = {
            "longitude": round(longitude + (a - 0.5) / 5000, 6),
            "latitude": round(latitude + (b - 0.5) / 5000, 6),
        }
    return made
