"""Errors of the composition in plain words, each with the line that it is about."""

from __future__ import annotations

import pytest

from hub.federation.compose import CompositionError
from hub.federation.conflict import conflicts
from hub.federation.document import Sdl
from hub.federation.places import Places
from hub.federation.problem import Problem
from tests.subgraph_for_tests import LAMPS


def line_of(text: str) -> int:
    return LAMPS.splitlines().index(text) + 1


@pytest.mark.parametrize(
    ("code", "message", "text", "told"),
    [
        ("FIELD_TYPE_MISMATCH", 'Type of field "Lamp.watts" is incompatible across subgraphs',
         "  watts: Int", "the type that the other subgraphs give it"),
        ("FIELD_ARGUMENT_TYPE_MISMATCH", 'Type of argument "Grid.lamps(filter:)" is incompatible',
         "  lamps(filter: LampFilter): [Lamp!]", "the type that the others give it"),
        ("ENUM_VALUE_MISMATCH", 'Enum type "LampKind" is used as both input type',
         "enum LampKind { LED SODIUM }", "the same values as in the other subgraphs"),
        ("TYPE_KIND_MISMATCH", 'Type "LampFilter" has mismatched kind',
         "input LampFilter { kind: LampKind watts: Int }", "choose another name"),
        ("KEY_INVALID_FIELDS", '[lamps] On type "Lamp", for @key(fields: "cod"): no',
         'type Lamp @key(fields: "code") {', "must name fields that the type declares"),
        ("NEWLY_INVENTED", "Lamp.kind is odd", "  kind: LampKind", "(NEWLY_INVENTED); correct it"),
    ],
)  # fmt: skip
def test_words_and_lines(code: str, message: str, text: str, told: str) -> None:
    (problem,) = conflicts([CompositionError(code, message)], Places(Sdl(LAMPS)))
    assert problem.line == line_of(text)
    assert told in problem.message
    assert message.removeprefix("[lamps] ") in problem.message


def test_each_thing_once() -> None:
    errors = [
        CompositionError("ENUM_VALUE_MISMATCH", f'Enum type "LampKind": value "{value}"')
        for value in ("LED", "SODIUM")
    ]
    places = Places(Sdl(LAMPS))
    assert len(list(conflicts(errors, places))) == 1
    assert list(conflicts(errors, places, [Problem(1, "changed", "LampKind")])) == []


def test_what_the_file_does_not_name_stands_at_its_first_line() -> None:
    (problem,) = conflicts([CompositionError("NO_QUERIES", "nothing")], Places(Sdl(LAMPS)))
    assert problem.line == 1
