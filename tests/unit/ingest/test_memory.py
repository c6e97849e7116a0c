"""What a partition remembers, and what it makes of an event that PostgreSQL remembers for it."""

from __future__ import annotations

import orjson
from hypothesis import given

from hub.ingest.fold import Kept, fold_review, fold_silence
from hub.ingest.memory import Memory, message_of, recalled
from resolvers.stores.event_log import StoredEvent
from tests.events_for_tests import event_of, gone, review, seen
from tests.unit.ingest.test_fold import CODE, NOW, Step, folded, judged, play, steps


def stored(*kept: Kept) -> StoredEvent:
    """The versions of one event as PostgreSQL has them."""
    told = [each.doc for each in kept if each.doc["phase"] != "REVIEWED"]
    latest = orjson.dumps(kept[-1].doc).decode()
    return StoredEvent(latest, orjson.dumps(told[-1]).decode() if told else None, kept[-1].reviews)


def reviewed(kept: Kept) -> Kept:
    outcome = fold_review(kept, judged(review(seen(CODE))), NOW)
    assert isinstance(outcome, Kept)
    return outcome


def test_an_event_is_recalled_as_it_was() -> None:
    opened = folded(seen(CODE), seen(CODE, after=7))
    for kept in (opened, fold_silence(opened, NOW), folded(seen(CODE), gone(CODE))):
        assert recalled(stored(kept)) == kept
        assert recalled(stored(kept, reviewed(kept))) == reviewed(kept)
    after_review = fold_silence(reviewed(opened), NOW)
    assert recalled(stored(after_review)) == after_review


def test_in_doubt_it_was_silence() -> None:
    """GONE no later than what was seen last, or the closing version pruned."""
    at_once = folded(seen(CODE), gone(CODE, after=0))
    assert not at_once.silenced
    assert recalled(stored(at_once)).silenced
    pruned = recalled(stored(reviewed(folded(seen(CODE), gone(CODE)))))
    assert (pruned.silenced, pruned.seen) == (True, "2026-01-31T08:01:00.000000Z")


@given(script=steps)
def test_what_is_recalled_is_never_earlier(script: list[Step]) -> None:
    """So that a replay of a recalled event adds nothing; and silence is never taken for GONE."""
    state: dict[str, Kept] = {}
    made, _ = play(state, script)
    for event, kept in state.items():
        told = [d for d in made if d["id"] == event and d["phase"] != "REVIEWED"]
        latest, no_review = (orjson.dumps(doc).decode() for doc in (kept.doc, told[-1]))
        found = recalled(StoredEvent(latest, no_review, kept.reviews))
        assert (found.doc, found.seen, found.reviews) == (kept.doc, kept.seen, kept.reviews)
        assert found.silenced or not kept.silenced


def test_a_reopened_event_is_remembered_as_open_only() -> None:
    memory, event = Memory(), event_of(seen(CODE))
    silent = fold_silence(folded(seen(CODE)), NOW)
    memory.put(event, silent, message_of(silent), 1.0, 10)
    assert (memory.open, memory.closed) == (0, 1)
    again = folded(seen(CODE), seen(CODE, after=5))
    memory.put(event, again, message_of(again), 2.0, 11)
    assert (memory.open, memory.closed) == (1, 0)
    assert memory.get(event) == again
    assert memory.forgettable(100, 100.0, 0) == []
    assert list(memory.silent(2.0)) == [event]
