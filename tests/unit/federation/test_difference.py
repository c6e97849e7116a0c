"""The safety net: whatever was in the API and is another's must be the same afterwards."""

from __future__ import annotations

import pytest
from graphql import build_schema

from hub.federation.difference import altered, gained

BEFORE = """
directive @lit(by: Int = 1) on FIELD
interface Named { name: String }
type Query { lamp(code: String!, kind: Kind = LED): Lamp  page: Page }
type Lamp implements Named { name: String watts: Int! }
type Page { cursor: String }
union Thing = Lamp | Page
enum Kind { LED SODIUM }
input Wish { kind: Kind = LED }
scalar Date
"""


@pytest.mark.parametrize(
    ("old", "new", "coordinate"),
    [
        ("watts: Int!", "watts: Int", "Lamp.watts"),
        ("watts: Int!", "", "Lamp.watts"),
        ("code: String!", "code: String", "Query.lamp"),
        ("kind: Kind = LED)", "kind: Kind = SODIUM)", "Query.lamp"),
        ("kind: Kind = LED)", "kind: Kind = LED, x: Int)", "Query.lamp"),
        ("cursor: String", "cursor: String more: Int", "Page.more"),
        ("{ name: String }", "{ name: String more: Int }", "Named.more"),
        ("Lamp | Page", "Lamp", "Thing ="),
        ("LED SODIUM", "LED SODIUM XENON", "Kind.XENON"),
        ("enum Kind { LED SODIUM }", "enum Kind { LED }", "Kind.SODIUM"),
        ("{ kind: Kind = LED }", "{ kind: Kind = LED x: Int }", "Wish.x"),
        ("{ kind: Kind = LED }", "{ kind: Kind }", "Wish.kind"),
        ("scalar Date", "enum Date { NOW }", "Date"),
        ("scalar Date", "", "Date"),
        ("implements Named", "", "Lamp implements Named"),
        ("by: Int = 1", "by: Int = 2", "@lit"),
    ],
)
def test_what_is_not_as_it_was(old: str, new: str, coordinate: str) -> None:
    assert old in BEFORE
    after = build_schema(BEFORE.replace(old, new), assume_valid=True)
    found = list(altered(build_schema(BEFORE), after, {"Lamp"}))
    assert coordinate in [each.coordinate for each in found]


def test_what_may_come() -> None:
    new = BEFORE.replace("watts: Int!", '"told" watts: Int! post: Post')
    new = new.replace("page: Page", "page: Page post: Post") + "type Post { volts: Int }"
    before, after = build_schema(BEFORE), build_schema(new)
    assert list(altered(before, after, {"Lamp"})) == []
    assert gained(before, after) == ["Lamp.post", "Post", "Query.post"]
    assert list(altered(before, before, set())) == []
