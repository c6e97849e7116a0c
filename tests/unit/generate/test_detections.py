"""Made-up detections: deterministic, sound, and of all types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import orjson
import pytest

from hub.generate.detections import SOURCE, Eye, detections
from hub.ingest.observed import Observed, has_own_key, observe
from schema.wire import EventType

EYES = [Eye(f"37020200001320{i:06d}", (120.4, 36.06)) for i in range(50)]
BEGAN = datetime(2026, 1, 31, tzinfo=UTC)


def test_equal_seeds_give_equal_detections() -> None:
    one, two, other = (list(islice(detections(EYES, seed, BEGAN, 100), 500)) for seed in (1, 1, 2))
    assert one == two != other


def test_each_episode_is_seen_and_most_are_gone() -> None:
    made = list(islice(detections(EYES, 1, BEGAN, 100), 20_000))
    last: dict[str, str] = {}
    received = int((BEGAN + timedelta(hours=1)).timestamp() * 1000)
    for each in made:
        found = observe(orjson.dumps(each), each["camera"].encode(), received)
        assert isinstance(found, Observed), found
        assert not has_own_key(found.detection)
        assert each["source"] == SOURCE
        assert last.get(each["key"], "SEEN") == "SEEN", "nothing comes after the end"
        assert each["key"] in last or each["phase"] == "SEEN"
        last[each["key"]] = each["phase"]
    assert {each["type"] for each in made} == set(EventType)
    assert len({each["capturedAt"] for each in made}) == len(made)
    ended = sum(phase == "GONE" for phase in last.values())
    print(f"detections={len(made)} episodes={len(last)} ended={ended}")
    assert ended > 0.8 * len(last)


def test_without_cameras_there_is_nothing_to_see() -> None:
    with pytest.raises(ValueError, match="no cameras"):
        next(detections([], 1, BEGAN, 1))
