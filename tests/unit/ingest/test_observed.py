"""What a message may hold; whatever it holds, it is read or dead, and never an exception."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.observed import Dead, Observed, has_own_key, judge, observe
from tests.events_for_tests import BEGAN, camera, review, seen

RECEIVED = int((BEGAN + timedelta(hours=2)).timestamp() * 1000)
CODE = camera(0)


def told(message: Any, key: bytes | None = CODE.encode()) -> str:
    """The reason that a detection is dead for."""
    value = message if isinstance(message, bytes) else orjson.dumps(message)
    found = observe(value, key, RECEIVED)
    assert isinstance(found, Dead), found
    return found.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"camera": None}, "camera"),
        ({"type": "NOISE"}, "type"),
        ({"confidence": 1.5}, "confidence"),
        ({"surplus": 1}, "surplus"),
        ({"capturedAt": "2026-01-31T08:00:00"}, "capturedAt"),
        ({"capturedAt": "2026-02-03T08:00:00Z"}, "24 hours"),
        ({"capturedAt": "2026-01-31T07:59:59Z"}, "startedAt is after capturedAt"),
        ({"startedAt": "0001-01-01T00:00:00+14:00"}, "OverflowError"),
        ({"attributes": {"n": "x" * 20_000}}, "attributes take"),
        ({"zone": "a\0b"}, "NUL"),
        ({"camera": camera(1)}, "key is not its camera"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, Any], reason: str) -> None:
    assert reason in told(seen(CODE) | change)


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"9" * 70_000])
def test_what_is_no_detection_is_dead(value: bytes) -> None:
    assert told(value)


def test_numbers_that_json_cannot_carry_on_are_dead() -> None:
    huge = orjson.dumps(seen(CODE)).replace(b'"seconds":0', b'"seconds":' + b"9" * 40)
    assert told(huge)


def test_a_message_without_key_is_taken() -> None:
    assert isinstance(observe(orjson.dumps(seen(CODE)), None, RECEIVED), Observed)


def test_instants_are_written_in_utc_of_fixed_width() -> None:
    found = observe(
        orjson.dumps(seen(CODE) | {"capturedAt": "2026-01-31T16:00:01+08:00"}), None, RECEIVED
    )
    assert isinstance(found, Observed)
    assert found.captured_at == "2026-01-31T08:00:01.000000Z"
    assert not has_own_key(found.detection)
    own = observe(orjson.dumps(seen(CODE) | {"key": "vendor-0001"}), None, RECEIVED)
    assert isinstance(own, Observed)
    assert has_own_key(own.detection)


@given(value=st.binary(max_size=200), key=st.none() | st.binary(max_size=20))
def test_any_bytes_are_dead(value: bytes, key: bytes | None) -> None:
    assert isinstance(observe(value, key, RECEIVED), Dead)
    assert isinstance(judge(value, key), Dead)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(change=st.dictionaries(st.sampled_from(sorted(seen(CODE))), json, max_size=3))
def test_any_values_are_read_or_dead(change: dict[str, Any]) -> None:
    import json as standard

    value = standard.dumps(seen(CODE) | change).encode()
    found = observe(value, None, RECEIVED)
    assert isinstance(found, Observed | Dead)
    if isinstance(found, Observed):
        orjson.dumps(found.attributes)


def test_a_review_names_its_camera() -> None:
    message = review(seen(CODE))
    assert not isinstance(judge(orjson.dumps(message), CODE.encode()), Dead)
    assert isinstance(judge(orjson.dumps(message), camera(1).encode()), Dead)
