"""Which operations in use a change of the API would break."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from graphql import build_schema, parse

from hub.federation.breakage import breakages
from hub.federation.normalise import normalise
from resolvers.stores.operations import SeenOperation

THEN = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = """
type Query { lamp(code: String!): Lamp  lamps(filter: Filter, kind: Kind): [Lamp!] }
type Lamp { code: String! watts: Int near(metres: Int): [Lamp!] }
input Filter { name: String kind: Kind }
enum Kind { LED SODIUM }
"""


def seen(text: str) -> SeenOperation:
    (node,) = parse(text).definitions
    made = normalise(node, {}, build_schema(BEFORE))  # type: ignore[arg-type]
    return SeenOperation(made.hash, made.name, made.text, made.fields, 7, THEN)


WATTS = 'query Watts { lamp(code: "L1") { watts } }'
BY_VARIABLE = "query By($f: Filter) { lamps(filter: $f) { code } }"


@pytest.mark.parametrize(
    ("text", "old", "new", "fields", "reason"),
    [
        (WATTS, "watts: Int", "power: Int", ["Lamp.watts"], "Cannot query field 'watts' on type"),
        (WATTS, "watts: Int", "watts: String", ["Lamp.watts"], "changed type from Int to String"),
        (WATTS, "code: String!)", "code: String!, on: Int!)", ["Query.lamp"], "'Int!' is required"),
        ("{ lamps(kind: LED) { code } }", "LED ", "", ["Kind.LED"], "does not exist in 'Kind'"),
        ('{ lamps(filter: {name: ""}) { code } }', "name: String", "", ["Filter.name"], "name"),
        ("query N($n: Int) { lamps { near(metres: $n) { code } } }", "metres: Int", "metres: Int!",
         ["Lamp.near(metres:)"], "Int!"),
        (BY_VARIABLE, "name: String", "name: String lit: Boolean!",
         ["Filter"], "A required field Filter.lit was added"),
        (BY_VARIABLE, "LED ", "", ["Kind.LED"], "Kind.LED was removed"),
    ],
)  # fmt: skip
def test_what_breaks(text: str, old: str, new: str, fields: list[str], reason: str) -> None:
    assert old in BEFORE
    before, after = build_schema(BEFORE), build_schema(BEFORE.replace(old, new, 1))
    (found,) = breakages([seen(text)], before, after)
    assert list(found.fields) == fields
    assert reason in found.reason
    assert (found.times, found.last_seen, len(found.hash)) == (7, THEN, 12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("watts: Int", "watts: Int volts: Int"),
        ("near(metres: Int): [Lamp!]", ""),
        ("watts: Int", "watts: Int!"),
    ],
)
def test_what_does_not_break(old: str, new: str) -> None:
    after = build_schema(BEFORE.replace(old, new))
    assert list(breakages([seen(WATTS)], build_schema(BEFORE), after)) == []


def test_what_was_broken_before_is_not_told_again() -> None:
    broken = build_schema(BEFORE.replace("watts: Int", ""))
    assert list(breakages([seen(WATTS)], broken, broken)) == []
