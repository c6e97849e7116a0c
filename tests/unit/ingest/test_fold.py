"""Folding: versions are numbered 1 to n without a gap, whatever comes, and repeats make none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.fold import (
    DUPLICATE,
    REVIEWS_KEPT,
    TOLD_BEFORE,
    Kept,
    Spot,
    fold_detection,
    fold_review,
    fold_silence,
)
from hub.ingest.memory import kept_of, message_of
from hub.ingest.observed import Dead, Judged, Observed, judge, observe
from resolvers.events import EVENT
from schema.wire import Before, Event
from tests.events_for_tests import BEGAN, camera, event_of, gone, review, seen

SPOT = Spot("370202001001001", "V1", "F1", ["370202", "370202001001001"], None)
RECEIVED = int((BEGAN + timedelta(hours=2)).timestamp() * 1000)
NOW = "2026-01-31T10:00:00.000000Z"
LATER = "2026-01-31T11:00:00.000000Z"


def observed(detection: dict[str, Any]) -> Observed:
    found = observe(orjson.dumps(detection), detection["camera"].encode(), RECEIVED)
    assert isinstance(found, Observed), found
    return found


def judged(message: dict[str, Any]) -> Judged:
    found = judge(orjson.dumps(message), None)
    assert isinstance(found, Judged), found
    return found


def folded(*detections: dict[str, Any]) -> Kept:
    """The event that these make, none of which is a repeat."""
    kept = None
    for each in detections:
        outcome = fold_detection(kept, observed(each), SPOT, NOW)
        assert isinstance(outcome, Kept), outcome
        kept = outcome
    assert kept is not None
    return kept


CODE = camera(0)


def test_an_episode_opens_updates_and_closes() -> None:
    opened = folded(seen(CODE))
    assert (opened.doc["version"], opened.doc["phase"], opened.doc["before"]) == (1, "OPENED", None)
    updated = folded(seen(CODE), seen(CODE, after=5, confidence=0.7))
    assert (updated.doc["version"], updated.doc["phase"]) == (2, "UPDATED")
    assert updated.doc["before"] == {
        "version": 1,
        "updatedAt": "2026-01-31T08:00:00.000000Z",
        "confidence": 0.9,
        "phase": "OPENED",
    }
    closed = folded(seen(CODE), seen(CODE, after=5), gone(CODE))
    assert (closed.doc["version"], closed.doc["status"]) == (3, "CLOSED")
    assert closed.doc["closedAt"] == "2026-01-31T08:01:00.000000Z"
    assert closed.doc["observations"] == 2


def test_what_a_filter_may_name_is_told_before_it_changed() -> None:
    """A subscriber whose filter matched the version before gets `left`, whatever the field."""
    fixed = {"id", "type", "camera", "openedAt"}
    filterable = {field.name for field in EVENT.fields} | EVENT.reference_by_name.keys()
    assert filterable - fixed <= set(TOLD_BEFORE)
    names = {field.alias or name for name, field in Before.model_fields.items()}
    assert names == set(TOLD_BEFORE)
    assert fixed <= filterable
    opened = fold_detection(None, observed(seen(CODE)), SPOT, NOW)
    assert isinstance(opened, Kept)
    updated = fold_detection(opened, observed(seen(CODE, after=5)), SPOT, LATER)
    assert isinstance(updated, Kept)
    told = updated.doc["before"]
    assert (told["version"], told["recordedAt"]) == (1, NOW)


@pytest.mark.parametrize("after", [0, -1, 5])
def test_what_is_not_later_is_a_repeat(after: float) -> None:
    kept = folded(seen(CODE), seen(CODE, after=5))
    repeat = seen(CODE, after=max(after, 0))
    assert fold_detection(kept, observed(repeat), SPOT, NOW) == DUPLICATE


def test_after_the_end_only_reviews_count() -> None:
    kept = folded(seen(CODE), gone(CODE))
    for repeat in (seen(CODE), seen(CODE, after=60), gone(CODE), gone(CODE, after=30)):
        assert fold_detection(kept, observed(repeat), SPOT, NOW) == DUPLICATE
    for late in (seen(CODE, after=100), gone(CODE, after=200)):
        outcome = fold_detection(kept, observed(late), SPOT, NOW)
        assert isinstance(outcome, Dead)
        assert "another startedAt" in outcome.reason
    reviewed = fold_review(kept, judged(review(seen(CODE))), NOW)
    assert isinstance(reviewed, Kept)
    assert (reviewed.doc["phase"], reviewed.doc["status"]) == ("REVIEWED", "CLOSED")
    assert reviewed.doc["before"]["verdict"] is None
    assert fold_review(reviewed, judged(review(seen(CODE))), NOW) == DUPLICATE


def test_what_makes_no_sense_is_dead() -> None:
    assert isinstance(fold_detection(None, observed(gone(CODE)), SPOT, NOW), Dead)
    assert isinstance(fold_review(None, judged(review(seen(CODE))), NOW), Dead)
    kept = folded(seen(CODE))
    other_type = seen(CODE, after=5) | {"type": "GARBAGE_PILE"}
    other_start = seen(CODE, after=5) | {"startedAt": (BEGAN + timedelta(seconds=1)).isoformat()}
    for odd in (other_type, other_start):
        assert isinstance(fold_detection(kept, observed(odd), SPOT, NOW), Dead)
    assert isinstance(
        fold_review(kept, judged(review(seen(CODE)) | {"camera": camera(1)}), NOW), Dead
    )


def test_silence_closes_at_the_last_observation() -> None:
    kept = fold_silence(folded(seen(CODE), seen(CODE, after=7)), NOW)
    assert (kept.doc["status"], kept.doc["phase"]) == ("CLOSED", "CLOSED")
    assert kept.doc["closedAt"] == kept.doc["updatedAt"] == "2026-01-31T08:00:07.000000Z"


def test_after_silence_a_later_observation_reopens_the_event() -> None:
    silent = fold_silence(folded(seen(CODE), seen(CODE, after=7)), NOW)
    reviewed = fold_review(silent, judged(review(seen(CODE))), NOW)
    assert isinstance(reviewed, Kept)
    for kept in (silent, reviewed, kept_of(message_of(reviewed))):
        for repeat in (seen(CODE), seen(CODE, after=7), gone(CODE, after=7)):
            assert fold_detection(kept, observed(repeat), SPOT, NOW) == DUPLICATE
        again = fold_detection(kept, observed(seen(CODE, after=9)), SPOT, NOW)
        assert isinstance(again, Kept)
        doc, before = again.doc, again.doc["before"]
        assert (doc["phase"], doc["status"], doc["closedAt"]) == ("UPDATED", "OPEN", None)
        assert (before["status"], before["closedAt"]) == ("CLOSED", "2026-01-31T08:00:07.000000Z")
        assert (doc["version"], doc["observations"]) == (kept.doc["version"] + 1, 3)
        ended = fold_detection(again, observed(gone(CODE)), SPOT, NOW)
        assert isinstance(ended, Kept)
        assert ended.doc["closedAt"] == "2026-01-31T08:01:00.000000Z"


def test_after_silence_the_word_that_it_is_gone_tells_when() -> None:
    silent = fold_silence(folded(seen(CODE), seen(CODE, after=7)), NOW)
    closed = fold_detection(silent, observed(gone(CODE)), SPOT, NOW)
    assert isinstance(closed, Kept)
    assert (closed.doc["version"], closed.doc["phase"]) == (4, "CLOSED")
    assert closed.doc["closedAt"] == "2026-01-31T08:01:00.000000Z"
    assert closed.doc["before"]["closedAt"] == "2026-01-31T08:00:07.000000Z"
    assert "status" not in closed.doc["before"]
    late = fold_detection(closed, observed(seen(CODE, after=90)), SPOT, NOW)
    assert isinstance(late, Dead)


def test_a_clock_that_jumps_back_does_not_show() -> None:
    opened = fold_detection(None, observed(seen(CODE)), SPOT, LATER)
    assert isinstance(opened, Kept)
    updated = fold_detection(opened, observed(seen(CODE, after=5)), SPOT, NOW)
    assert isinstance(updated, Kept)
    assert updated.doc["recordedAt"] == LATER


def test_reviews_are_remembered_up_to_a_bound() -> None:
    kept = folded(seen(CODE))
    for n in range(REVIEWS_KEPT + 5):
        outcome = fold_review(kept, judged(review(seen(CODE), n)), NOW)
        assert isinstance(outcome, Kept)
        kept = outcome
    assert len(kept.reviews) == REVIEWS_KEPT
    assert kept.doc["version"] == REVIEWS_KEPT + 6


Step = tuple[int, str, int]
steps = st.lists(
    st.tuples(
        st.integers(0, 2),  # which episode
        st.sampled_from(["seen", "seen", "gone", "review", "silence"]),
        st.integers(0, 30),  # seconds after its beginning, or which review
    ),
    max_size=60,
)


def play(
    state: dict[str, Kept], script: list[Step], dead: set[Step] | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Fold a script onto a state; the versions made, and how many messages were accepted.

    What died is added to `dead`. An observation later than all others never vanishes: it makes a
    version, or a dead letter where its event is gone.
    """
    made, accepted = [], 0
    for episode, what, n in script:
        began: datetime = BEGAN + timedelta(minutes=episode)
        first = seen(CODE, began)
        kept = state.get(event_of(first))
        if what == "silence":
            if kept is None or not kept.is_open:
                continue
            outcome: Any = fold_silence(kept, NOW)
        elif what == "review":
            outcome = fold_review(kept, judged(review(first, n)), NOW)
        else:
            make = seen if what == "seen" else gone
            found = observed(make(CODE, began, after=n))
            outcome = fold_detection(kept, found, SPOT, NOW)
            if kept is not None and found.captured_at > kept.seen:
                assert isinstance(outcome, Kept if kept.is_open or kept.silenced else Dead)
        if isinstance(outcome, Dead) and dead is not None:
            dead.add((episode, what, n))
        if isinstance(outcome, Kept):
            accepted += 1
            made.append(outcome.doc)
            state[event_of(first)] = kept_of(message_of(outcome))  # as after a restart
            assert (outcome.doc["closedAt"] is None) == outcome.is_open
            assert not (outcome.silenced and outcome.is_open)
    return made, accepted


@given(script=steps)
def test_any_order_with_repeats_gives_gapless_versions(script: list[Step]) -> None:
    state: dict[str, Kept] = {}
    made, accepted = play(state, script)
    assert len(made) == accepted
    numbers: dict[str, list[int]] = {}
    before: dict[str, dict[str, Any]] = {}
    for doc in made:
        Event.model_validate_json(orjson.dumps(doc))
        numbers.setdefault(doc["id"], []).append(doc["version"])
        was = before.get(doc["id"])
        if was is not None:
            assert Before.model_validate(doc["before"])
            told = {name: was[name] for name in TOLD_BEFORE if was[name] != doc[name]}
            assert doc["before"] == told
        before[doc["id"]] = doc
    assert all(each == list(range(1, len(each) + 1)) for each in numbers.values())


@given(script=steps, again=st.data())
def test_a_replay_of_all_adds_nothing(script: list[Step], again: Any) -> None:
    """Once all episodes are over, any repetition of what was told makes no version. (What died for
    coming before its episode's beginning is another matter: it may be taken the second time.)"""
    state: dict[str, Kept] = {}
    dead: set[Step] = set()
    play(state, script, dead)
    known = {event_of(seen(CODE, BEGAN + timedelta(minutes=e))) for e in range(3)} & state.keys()
    for event in known:
        if state[event].is_open:
            state[event] = fold_silence(state[event], NOW)
    taken = [
        step
        for step in script
        if event_of(seen(CODE, BEGAN + timedelta(minutes=step[0]))) in known
        and step not in dead
        and (step[1] != "review" or _was_taken(state, step))
    ]
    replayed = again.draw(st.permutations(taken))
    assert play(state, replayed) == ([], 0)


def _was_taken(state: dict[str, Kept], step: Step) -> bool:
    first = seen(CODE, BEGAN + timedelta(minutes=step[0]))
    return review(first, step[2])["reviewId"] in state[event_of(first)].reviews
