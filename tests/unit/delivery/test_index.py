"""The index finds every group that a document is for, as trying each would."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.delivery.index import Index

ATTRIBUTES = ("type", "camera", "grid", "venue", "path")
VALUES = st.sampled_from(["a", "b", "c", "d"])
TERMS = st.lists(st.tuples(st.sampled_from(ATTRIBUTES), VALUES), max_size=3).map(tuple)
ONE = st.none() | VALUES
PATH = st.lists(VALUES, max_size=3)
STATE = st.fixed_dictionaries(dict.fromkeys(ATTRIBUTES[:-1], ONE) | {"path": PATH})
CHANGED = st.fixed_dictionaries({}, optional=dict.fromkeys(ATTRIBUTES[:-1], ONE) | {"path": PATH})


def carries(state: dict[str, Any], attribute: str, value: str) -> bool:
    found = state.get(attribute)
    return value in found if isinstance(found, list) else found == value


def concerns(doc: dict[str, Any], terms: tuple[tuple[str, str], ...]) -> bool:
    """By trying: the state now, and the one before as a whole."""
    states = [doc] + ([{**doc, **doc["before"]}] if doc["before"] is not None else [])
    return not terms or any(carries(state, *term) for state in states for term in terms)


@given(st.lists(TERMS, max_size=30), STATE, st.none() | CHANGED, st.sets(st.integers(0, 29)))
def test_as_by_trying_each(
    groups: list[tuple[tuple[str, str], ...]],
    state: dict[str, Any],
    before: dict[str, Any] | None,
    gone: set[int],
) -> None:
    index: Index[int] = Index()
    for number, terms in enumerate(groups):
        index.add(number, terms)
    for number in gone & set(range(len(groups))):
        index.remove(number, groups[number])
    doc = state | {"before": before}
    listed = list(index.candidates(doc))
    assert len(listed) == len(set(listed))
    expected = {n for n, terms in enumerate(groups) if n not in gone and concerns(doc, terms)}
    assert set(listed) == expected


def test_nothing_is_kept_of_groups_that_went() -> None:
    index: Index[int] = Index()
    for number in range(100):
        index.add(number, (("camera", str(number)), ("type", "x")))
    for number in range(100):
        index.remove(number, (("camera", str(number)), ("type", "x")))
    assert not index._by
    assert not index._always
