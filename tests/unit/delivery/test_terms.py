"""Of which (attribute, value) pairs an event carries one, if a filter matches it."""

from typing import Any

import pytest

from resolvers.row_matching import terms

A, B = {"camera": {"eq": "A"}}, {"camera": {"eq": "B"}}
X = {"type": {"eq": "X"}}
VAGUE = {"confidence": {"gt": 0.5}}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, ()),
        ({}, ()),
        (VAGUE, ()),
        (A, (("camera", "A"),)),
        (A | X | VAGUE, (("camera", "A"),)),
        ({"camera": {"in": ["A", "B"]}}, (("camera", "A"), ("camera", "B"))),
        ({"or": [A, B]}, (("camera", "A"), ("camera", "B"))),
        ({"or": [A, X]}, (("camera", "A"), ("type", "X"))),
        ({"or": [A, VAGUE]}, ()),
        ({"or": [A, VAGUE], "type": {"eq": "X"}}, (("type", "X"),)),
        ({"or": []}, ()),
        ({"and": [VAGUE, {"or": [A, B]}]}, (("camera", "A"), ("camera", "B"))),
        ({"not": A}, ()),
        ({"within": ["D", "E"]}, (("path", "D"), ("path", "E"))),
        ({"camera": {"isNull": False}}, ()),
    ],
)
def test_terms(given: dict[str, Any] | None, found: tuple[tuple[str, str], ...]) -> None:
    assert terms(given) == found
