"""Operations made comparable: equal ones give equal hashes, and no literal is left."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    build_schema,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from hub.federation.normalise import Operation, normalise
from schema.build import whole

SDL = """
scalar JSON
scalar DateTime
enum Kind { LED SODIUM }
input Filter { kind: Kind name: String! and: [Filter!] watts: Float ids: [ID!] }
interface Named { name: String }
type Lamp implements Named { name: String watts(unit: String = "W"): Float near(n: Int!): [Lamp!] }
type Post implements Named { name: String lamp: Lamp }
union Thing = Lamp | Post
type Query {
  lamps(filter: Filter, first: Int, since: DateTime, extra: JSON): [Lamp!]
  lamp(id: ID!, dark: Boolean): Lamp
  thing(kind: Kind): Thing
  named(names: [String!]): Named
}
"""
SCHEMA = build_schema(SDL)


def normalised(text: str, name: str | None = None, schema: Any = SCHEMA) -> Operation:
    operations, fragments = {}, {}
    for node in parse(text).definitions:
        if isinstance(node, OperationDefinitionNode):
            operations[node.name.value if node.name else None] = node
        elif isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node
    return normalise(operations[name], fragments, schema)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("given_text", "told"),
    [
        ('{ lamp(id: "L1", dark: true) { name } }', '{ lamp(dark: true, id: "") { name } }'),
        ("{ lamp(id: 17) { name } }", '{ lamp(id: "") { name } }'),
        ("{ lamp(id: \"\"\"L\n1\"\"\") { name } }", '{ lamp(id: "") { name } }'),
        (
            '{ lamps(filter: {watts: 1.5, name: "n", kind: LED, ids: ["a", 2]}) { name } }',
            '{ lamps(filter: { ids: [""], kind: LED, name: "", watts: 0 }) { name } }',
        ),
        (
            '{ lamps(since: "2020-01-01", extra: {zhang: [1, {li: "x"}]}) { name } }',
            '{ lamps(extra: "", since: "") { name } }',
        ),
        (
            "query ($v: Int, $a: String) { lamps(extra: {k: [$v, {j: $a}]}) { name } }",
            "query ($a: String, $v: Int) { lamps(extra: { a: $a, v: $v }) { name } }",
        ),
        ("{ lamps(extra: NAME) { name } }", '{ lamps(extra: "") { name } }'),
        ("{ lamps(extra: null, first: 5) { name name } }",
         "{ lamps(extra: null, first: 0) { name } }"),
        ('{ named(names: "one") { name } }', '{ named(names: "") { name } }'),
        ('{ named(names: ["b", "a"]) { name } }', '{ named(names: [""]) { name } }'),
        ('query ($n: String = "x") { named(names: [$n, "y"]) { name } }',
         'query ($n: String = "") { named(names: ["", $n]) { name } }'),
        ("{ a: lamp(id: 1) { name } # a comment\n }", '{ a: lamp(id: "") { name } }'),
    ],
)  # fmt: skip
def test_literals_go_and_order_is_one(given_text: str, told: str) -> None:
    found = normalised(given_text)
    assert flat(found.text) == told
    assert validate(SCHEMA, parse(found.text)) == []


def test_what_an_operation_uses() -> None:
    found = normalised(
        """
        query Dark($f: Filter) { ...Roots  other: lamp(id: 1) @include(if: true) { __typename } }
        fragment Roots on Query {
          lamps(filter: {name: "x", kind: LED}) { ...Lamps }
          thing(kind: SODIUM) { ... on Post { lamp { ...Lamps } } }
          named { name }
        }
        fragment Lamps on Lamp { watts(unit: "kW") near(n: 1) { name } }
        """,
        "Dark",
    )
    assert found.name == "Dark"
    assert found.fields == (
        "Filter.kind", "Filter.name", "Kind.LED", "Kind.SODIUM",
        "Lamp.name", "Lamp.near", "Lamp.near(n:)", "Lamp.watts", "Lamp.watts(unit:)", "Named.name",
        "Post.lamp", "Query.lamp", "Query.lamp(id:)", "Query.lamps", "Query.lamps(filter:)",
        "Query.named", "Query.thing", "Query.thing(kind:)",
    )  # fmt: skip


def test_only_the_operation_named_and_its_fragments() -> None:
    text = """
    query A { lamp(id: 1) { ...F } } query B { lamp(id: 1) { ...G } }
    fragment F on Lamp { name } fragment G on Lamp { ...F watts }
    """
    assert "G" not in normalised(text, "A").text
    assert normalised(text, "B").text.count("fragment") == 2
    assert validate(SCHEMA, parse(normalised(text, "B").text)) == []


def test_other_operations_have_other_hashes() -> None:
    texts = ["{ lamp(id: 1) { name } }", "{ lamp(id: 1) { watts } }", "{ a: lamp(id: 1) { name } }",
             "query N { lamp(id: 1) { name } }", "{ lamp(id: 1, dark: false) { name } }",
             "{ lamp(id: 1, dark: true) { name } }"]  # fmt: skip
    hashes = {normalised(text, "N" if " N " in text else None).hash for text in texts}
    assert len(hashes) == len(texts)


class Shuffled(Visitor):
    """The same operation in another order and with other literals."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def mixed(self, nodes: Any) -> tuple[Any, ...]:
        return tuple(self.random.sample(list(nodes), len(nodes)))

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
        return SelectionSetNode(selections=self.mixed(node.selections))

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        return FieldNode(alias=node.alias, name=node.name, directives=node.directives,
                         arguments=self.mixed(node.arguments or ()),
                         selection_set=node.selection_set)  # fmt: skip

    def leave_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        return ObjectValueNode(fields=self.mixed(node.fields))

    def leave_document(self, node: DocumentNode, *_: Any) -> Any:
        return DocumentNode(definitions=self.mixed(node.definitions))

    def enter_string_value(self, node: StringValueNode, *_: Any) -> Any:
        return StringValueNode(value=f"s{self.random.random()}")

    def enter_int_value(self, node: IntValueNode, *_: Any) -> Any:
        return IntValueNode(value=str(self.random.randrange(1000)))

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> Any:
        return FloatValueNode(value=repr(self.random.random()))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=queries(SDL, custom_scalars={
    "JSON": st.just(StringValueNode(value="j")),
    "DateTime": st.just(StringValueNode(value="2020-01-01"))}),
    seed=st.integers(0, 10**6))  # fmt: skip
def test_normalising_is_idempotent_blind_to_order_and_stays_valid(text: str, seed: int) -> None:
    first = normalised(text)
    assert validate(SCHEMA, parse(first.text)) == []
    assert normalised(first.text) == first
    other = print_ast(visit(parse(text), Shuffled(seed))).replace("\n", "\n\n  # …\n")
    assert normalised(other) == first


def test_on_the_hubs_own_schema() -> None:
    schema = whole()._schema
    text = """query($w: VenueFilter) { grid(code: "370202001001001") {
      venues(first: 3, filter: {and: [{name: {contains: "茶"}}, {recordedAt: {gt: "2020-01-01T00:00:00Z"}}]}) {
        nodes { name } pageInfo { endCursor } } } venues(filter: $w, orderBy: [{name: ASC}]) { totalCount } }"""  # noqa: E501
    found = normalised(text, schema=schema)
    assert "茶" not in found.text
    assert "2020" not in found.text
    api = build_schema(whole().as_str())
    assert validate(api, parse(found.text)) == validate(api, parse(text)) == []
    assert {"Grid.venues(first:)", "VenueFilter.and", "VenueOrder.name"} <= set(found.fields)
    assert replace(found) == normalised(found.text, schema=schema)
