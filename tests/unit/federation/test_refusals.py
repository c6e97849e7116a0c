"""What a partner's subgraph is refused for: the line, what is wrong, and what to do."""

from __future__ import annotations

import re

import pytest

from hub.federation.check import check_submission
from hub.federation.document import Sdl
from hub.federation.owners import Owners
from hub.federation.ownership import ownership_problems
from hub.federation.problem import Problem
from hub.federation.registered import Registered
from hub.federation.report import Report
from hub.federation.submission import MOST_BYTES, Submission
from hub.federation.telling import show_report
from tests.subgraph_for_tests import LAMPS, LINK, PartnerServer

GRID = 'type Grid @key(fields: "code") {\n  code: String!\n  %s\n}\n'
QUERY = "type Query {\n  lamp: Int\n}\n"


async def check(
    registered: Registered, server: PartnerServer, text: str, name: str = "lamps"
) -> Report:
    server.sdl = text
    report, _ = await check_submission(Submission(name, server.url, text), registered)
    return report


async def test_a_good_one_passes(registered: Registered, server: PartnerServer) -> None:
    report = await check(registered, server, LAMPS)
    assert report.problems == ()
    assert report.passes()
    assert report.added == (
        "Grid.lamps", "Lamp", "LampFilter", "LampKind", "Query.lamp", "Query.lamps"
    )  # fmt: skip


GOOD = {
    "a shared value type, copied": "type PageInfo @shareable {\n  hasNextPage: Boolean!\n"
    "  hasPreviousPage: Boolean!\n  startCursor: Cursor\n  endCursor: Cursor\n}\nscalar Cursor\n"
    "type LampPage {\n  pageInfo: PageInfo\n}\n",
    "its types are records": "interface Record {\n  id: ID!\n  code: String!\n  name: String!\n}\n"
    "type Lamp implements Record {\n  id: ID!\n  code: String!\n  name: String!\n}\n",
    "it requires another's field": 'type Grid @key(fields: "code") {\n  code: String!\n'
    '  name: String! @external\n  sign: String @requires(fields: "name")\n}\n',
    "the key alone, not resolvable": 'type Grid @key(fields: "code", resolvable: false) {\n'
    "  code: String!\n}\ntype Lamp {\n  grid: Grid\n}\n",
    "imports under other names": 'type Grid @federation__key(fields: "code") {\n  code: String!\n'
    "  lit: Boolean\n}\n",
    "its own enum and input": "enum LampKind { LED }\ninput LampWish {\n  kind: LampKind!\n}\n"
    "extend type Query {\n  wished(by: LampWish!): [LampKind!]\n}\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
async def test_what_a_partner_may(registered: Registered, server: PartnerServer, text: str) -> None:
    assert (await check(registered, server, LINK + QUERY + text)).problems == ()


BAD = {
    "unclosed": ("type Query {\n  lamp: Int\n", 4, r"not valid SDL at column 1: Expected Name"),
    "unknown type": ("type Query {\n  lamp: Lampe\n}\n", 3, r"Unknown type Lampe: .* correct the"),
    "unknown directive": ("type Query {\n  a: Int @lit\n}\n", 3, r'Unknown directive "@lit"'),
    "twice": (QUERY + "type A {\n  a: Int\n}\ntype A {\n  b: Int\n}\n", 5, r"only one type named"),
    "field of the hub": (GRID % "name: String! @shareable", 4,
                         r"Grid\.name belongs to the subgraph places; leave it out, or mark it"),
    "field of another domain": (GRID % "venues: Int", 4, r"Grid\.venues belongs to .* venues"),
    "field of another partner": (GRID % "posts: Int", 4, r"Grid\.posts belongs to .* posts"),
    "override": (GRID % 'name: String! @override(from: "places")', 4, r"taken from it by @overrid"),
    "override of its own": ('type Query {\n  lamp: Int @override(from: "places")\n}\n', 3,
                            r"Query\.lamp: @override takes a field"),
    "inaccessible key": (GRID.replace("String!", "String! @inaccessible") % "lit: Int", 3,
                         r"Grid\.code .* cannot carry @inaccessible here"),
    "sign-in on another's type": (GRID.replace(") {", ") @authenticated {", 1) % "lit: Int", 2,
                                  r"Grid .* cannot carry @authenticated here"),
    "a renamed directive": (
        LINK.replace('"@inaccessible"', '{name: "@inaccessible", as: "@off"}')
        + GRID.replace("String!", "String! @off") % "lit: Int", 3, r"cannot carry @inaccessible"),
    "sign-in on all": ("type Query @authenticated {\n  lamp: Int\n}\n", 2, r"Query belongs to all"),
    "key of another type": (GRID.replace("String!", "Int!") % "lit: Int", 3,
                            r"where it is written code: String!; write it the same"),
    "a key it has not": ('type Grid @key(fields: "lit") {\n  lit: Int\n}\n', 2,
                         r'Grid has no key "lit"; use its key "code"'),
    "no key": ("type Grid {\n  code: String! @shareable\n  lit: Int\n}\n", 2,
               r'give it its key: type Grid @key\(fields: "code"\)'),
    "required field": (GRID % "lamps: [Int!]!", 4,
                       r"Grid\.lamps: .* must be nullable, .*; write \[Int!\] in place of "),
    "required root field": ("type Query {\n  lamp: Int!\n}\n", 3, r"a root field must be nullable"),
    "root field of the hub": ("type Query {\n  grid: Int\n}\n", 3, r"the root field grid belongs"),
    "root field of a partner": ("type Query {\n  post: Int\n}\n", 3, r"root field post belongs"),
    "under another root's name": ("schema { query: Top }\ntype Top {\n  grid: Int\n}\n", 4,
                                  r"the root field grid belongs to the subgraph places"),
    "mutation of the hub": ("type Mutation {\n  createGrid: Int\n}\n", 3, r"createGrid belongs"),
    "type of a partner": (QUERY + "type PostPlace {\n  street: String\n}\n", 5,
                          r"PostPlace belongs to the subgraph posts, which does not share it"),
    "shared type changed": (QUERY + "type PageInfo @shareable {\n  pages: Int\n}\n", 6,
                            r"PageInfo belongs .* cannot be changed here; copy its definition"),
    "shared type hidden": (QUERY + "type Position @shareable @inaccessible {\n"
                           "  longitude: Float!\n  latitude: Float!\n}\n", 5,
                           r"Position .* cannot carry @inaccessible"),
    "enum changed": (QUERY + "enum VenueKind {\n  LIGHTHOUSE\n}\n", 6, r"VenueKind belongs to"),
    "input changed": (QUERY + "input StringFilter {\n  lit: Boolean\n}\n", 6, r"StringFilter belo"),
    "interface changed": (QUERY + "interface Record {\n  id: ID!\n  lit: Int\n}\n", 7, r"Record "),
    "another kind": (QUERY + "enum Grid {\n  A\n}\n", 5, r"Grid .* of another kind \(object\)"),
    "scalar for a type": (QUERY + "scalar Venue\n", 5, r"Venue .* of another kind \(object\)"),
    "interface object": (QUERY + 'type Record @key(fields: "code") @interfaceObject {\n'
                         "  code: String!\n  lit: Int\n}\n", 5, r"cannot be an @interfaceObject"),
    "provides": (QUERY + 'type Lamp {\n  grid: Grid @provides(fields: "name")\n}\n'
                 + GRID % "name: String! @external", 6, r"@provides answers fields of Grid"),
    "key of nothing": (QUERY + 'type Lamp @key(fields: "cod") {\n  code: String!\n}\n', 5,
                       r"the @key must name fields that the type declares"),
    "external to nobody": (GRID % 'lux: Int @external\n  lit: Int @requires(fields: "lux")', 4,
                           r"no other subgraph has this field; leave @external out"),
    "external for nothing": (GRID % "name: String! @external\n  lit: Int", 4,
                             r"nothing needs this @external field; leave it out"),
    "out of the gateway's reach": (
        GRID.replace('"code")', '"code", resolvable: false)') % "lit: Int", 4,
        r"cannot find field .Grid\.lit.*: the gateway cannot get from one subgraph to the other"),
    "requires nothing": (GRID % 'lit: Int @requires(fields: "lux")', 4,
                         r"the @requires must name fields that this file declares @external"),
    "requires another type": (
        GRID % 'name: Int @external\n  lit: Int @requires(fields: "name")', 4,
        r"Grid\.name belongs .* where it is written name: String!"),
    "member of another's union": (QUERY + "union Lit = Grid\n"
                                  "type Grid @key(fields: \"code\") {\n  code: Int!\n}\n", 7,
                                  r"Grid\.code"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "told"), BAD.values(), ids=BAD)
async def test_refused(
    registered: Registered, server: PartnerServer, text: str, line: int, told: str
) -> None:
    whole = text if text.startswith("extend schema") else LINK + text
    report = await check(registered, server, whole)
    assert not report.passes()
    first = report.problems[0]
    assert re.search(told, first.message), first.message
    assert first.line == line
    assert first.at("lamps.graphql").startswith(f"lamps.graphql:{line}: ")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "empty"),
        ("  # nothing\n", 1, "empty"),
        (LINK, 1, "it declares no type"),
        (QUERY, 1, "no @link to Apollo Federation 2; begin the file with: extend schema"),
        (LINK.replace("v2.9", "v2.11") + QUERY, 1, "link to v2.0 up to v2.9"),
        (LINK.replace("v2.9", "v3.0") + QUERY, 1, "is no version of Federation that the hub takes"),
        (LINK + QUERY + "#" * MOST_BYTES, 1, "larger than 1,000,000 bytes"),
        (LINK + "# \udcff\n" + QUERY, 2, "not UTF-8"),
        (LINK + "type Query { a: " + "[" * 20_000 + "Int" + "]" * 20_000 + "}", 2, "nested"),
    ],
)
async def test_what_is_no_subgraph(
    registered: Registered, server: PartnerServer, text: str, line: int, told: str
) -> None:
    server.sdl = LAMPS
    report, made = await check_submission(Submission("lamps", server.url, text), registered)
    assert made is None
    assert told in report.problems[0].message
    assert report.problems[0].line == line


WRAPPED = """type Query {{
  lit: Lit @provides(fields: "{0}")
}}
type Lit {{
  grid: Grid
  grids: Grids
  lamp: Lamp
  named: Named
}}
union Grids = Grid | Lamp
interface Named {{
  name: String!
}}
type Grid implements Named @key(fields: "code") {{
  code: String!
  name: String! @external
}}
type Lamp {{
  watts: Int
}}
"""


@pytest.mark.parametrize(
    "fields",
    ["grid { name }", "grids { ... on Grid { name } }", "lamp { watts } ... { grid { name } }",
     "... on Lit { grid { name } }", "...Other",
     "named { name }", "lamp { watts", "lit", "grid { code } }  { lamp { watts }"],
)  # fmt: skip
async def test_provides_reaches_what_is_another_subgraphs(
    registered: Registered, fields: str
) -> None:
    (found,) = claimed(registered, WRAPPED.format(fields))
    assert found.message.startswith("Query.lit: @provides answers fields of")
    assert found.line == 3


async def test_provides_is_refused_whole(registered: Registered, server: PartnerServer) -> None:
    report = await check(registered, server, LINK + WRAPPED.format("grid { name }"))
    assert any("@provides answers fields of Grid, which" in p.message for p in report.problems)


def claimed(registered: Registered, text: str) -> list[Problem]:
    others = Owners(registered.others("lamps"))
    found = list(ownership_problems(Sdl(LINK + text), others))
    return [each for each in found if "@provides" in each.message or "@override" in each.message]


async def test_provides_stays_within_its_own(registered: Registered) -> None:
    assert claimed(registered, WRAPPED.format("lamp { watts } ... on Lit { __typename }")) == []


@pytest.mark.parametrize("name", ["override", "federation__override"])
@pytest.mark.parametrize("source", ["places", "venues", "posts", "nobody"])
@pytest.mark.parametrize(
    "text",
    [GRID % "newest: Int @{}", GRID % "newest: Int @external @{}", GRID % "name: String! @{}",
     "type Lit {\n  lit: Int @{}\n}\n", "type Query {\n  newest: Int @{}\n}\n",
     "extend type Mutation {\n  newest: Int @{}\n}\n",
     "type Position @shareable {\n  longitude: Float! @{}\n  latitude: Float!\n}\n"],
)  # fmt: skip
async def test_nothing_is_taken_not_even_what_is_not_there_yet(
    registered: Registered, text: str, source: str, name: str
) -> None:
    (found,) = claimed(registered, text.replace("@{}", f'@{name}(from: "{source}")'))
    assert "leave it out" in found.message


FEDERATION_2 = "https://specs.apollo.dev/federation/v2.9"


def link(text: str) -> str:
    return f"extend schema @link({text})\n"


@pytest.mark.parametrize(
    ("links", "told"),
    [
        (LINK + link('url: "https://example.com/federation/v2.0", as: "x"'), "a second @link"),
        (LINK + link('url: "https://example.com/federation", as: "x"'), "a second @link"),
        (link('url: "https://example.com/federation/v2.0"') + LINK, "is no version of Federation"),
        (link(f'url: "{FEDERATION_2}/"'), "is no version of Federation"),
        (link(f'url: "{FEDERATION_2[:-1]}\u0669"'), "is no version of Federation"),
        (LINK + link('url: "https://example.com/lit/v1.0", as: "federation"'), "is taken"),
        (LINK + link('url: "https://example.com/join/v1.0"'), "the @link's name join is taken"),
        (LINK + link('url: "https://example.com/lit/v1.0", as: "x__y"'), "does not do"),
        (LINK + link(r'url: "https://specs.apollo.dev/fede\trati\ton/v2.0"'), "is not plain"),
        (LINK + link('url: "https://specs.apollo.dev/a/../b/v2.0"'), "is not plain"),
        (link(f'url: "{FEDERATION_2}", as: "join"'), "the @link's name join is taken"),
        (link(f'url: "{FEDERATION_2}", import: ["@override", {{name: "@key", as: "@override"}}]'),
         "@key cannot be imported as @override"),
        (link(f'url: "{FEDERATION_2}", import: ["@tag", {{name: "@tag", as: "@label"}}]'),
         "is imported twice"),
        (LINK + 'extend schema @core(feature: "https://specs.apollo.dev/core/v0.2")\n', "leave it"),
    ],
)  # fmt: skip
async def test_links_that_two_programs_read_differently(
    registered: Registered, server: PartnerServer, links: str, told: str
) -> None:
    report = await check(registered, server, links + QUERY)
    assert told in report.problems[0].message


async def test_other_specifications_are_linked(
    registered: Registered, server: PartnerServer
) -> None:
    others = link('url: "https://specs.apollo.dev/link/v1.0"')
    assert (await check(registered, server, others + LAMPS)).problems == ()
    named = link(f'url: "{FEDERATION_2}", as: "fed"') + QUERY
    assert (await check(registered, server, named)).problems == ()
    taken = named.replace("Int", 'Int @fed__override(from: "places")')
    report = await check(registered, server, taken)
    assert "@override takes a field" in report.problems[0].message


PRINTED = """
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) \
repeatable on SCHEMA
directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on \
OBJECT | INTERFACE
directive @federation__override(from: String!, label: String) on FIELD_DEFINITION
directive @federation__requiresScopes(scopes: [[federation__Scope!]!]!) on FIELD_DEFINITION
enum link__Purpose {
  "Needed to be safe."
  SECURITY
  EXECUTION
}
scalar link__Import
scalar federation__FieldSet
scalar federation__Scope
scalar _Any
union _Entity = Grid | Lamp
type _Service {
  sdl: String
}
extend type Query {
  "Served."
  _entities(representations: [_Any!]!): [_Entity]!
  _service: _Service!
}
"""
"""What @apollo/subgraph prints around the types of a subgraph."""


async def test_what_tools_print_is_accepted(registered: Registered, server: PartnerServer) -> None:
    report = await check(registered, server, LAMPS + PRINTED)
    assert report.problems == ()
    assert "Query.lamp" in report.added


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("enum join__Graph {\n  A\n}\n", "join__Graph"),
        ("extend enum join__Graph {\n  A\n}\n", "join__Graph"),
        ("directive @join__field on FIELD_DEFINITION\n", "join__field"),
        ("type Lit @join__type(graph: A) {\n  a: Int\n}\n", "join__type"),
        ("type Lit {\n  a: join__Graph\n}\n", "join__Graph"),
        ("type Lit {\n  __a: Int\n}\n", "__a"),
        ("enum Lit {\n  __A\n}\n", "__A"),
        ("scalar __Lit\n", "__Lit"),
        ("scalar core__Purpose\n", "core__Purpose"),
        ("scalar link__Lit\n", "link__Lit"),
        ("enum link__Purpose {\n  LIT\n}\n", "link__Purpose"),
        ("extend enum link__Purpose {\n  LIT\n}\n", "link__Purpose"),
        ("type federation__FieldSet {\n  a: Int\n}\n", "federation__FieldSet"),
        ("type Lit {\n  a: federation__FieldSet\n}\n", "federation__FieldSet"),
        ("directive @federation__lit on OBJECT\n", "federation__lit"),
        ("type _Service {\n  lit: Int\n}\n", "_Service"),
        ("extend type _Service {\n  lit: Int\n}\n", "_Service"),
        ("enum _Any {\n  A\n}\n", "_Any"),
        ('scalar _Any @tag(name: "a")\n', "_Any"),
        ("type Lit {\n  a: _Entity\n}\n", "_Entity"),
        ("extend type Query {\n  _entities: Int\n}\n", "_entities"),
    ],
)
async def test_names_that_are_federations_own(
    registered: Registered, server: PartnerServer, text: str, name: str
) -> None:
    report = await check(registered, server, LINK + QUERY + text)
    first = report.problems[0]
    assert f"the name {name} is Federation's own; choose another" in first.message
    assert first.line in (5, 6)


@pytest.mark.parametrize(
    "name", ["Lamps", "1lamps", "", "a b", "lamps/../x", "a" * 64, "places", "city-hub"]
)
async def test_names_that_do_not_do(
    registered: Registered, server: PartnerServer, name: str
) -> None:
    report = await check(registered, server, LAMPS, name)
    (problem,) = report.problems
    assert problem.line is None
    assert "choose another" in problem.message or "does not do; take at most 63" in problem.message


async def test_the_file_is_not_blamed_for_name_and_address(
    registered: Registered, server: PartnerServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, url in (("Lamps", server.url), ("lamps", None), ("lamps", "ftp://lamps/"),
                      ("lamps", "http://127.0.0.1:1/")):  # fmt: skip
        server.sdl = LAMPS
        report, _ = await check_submission(Submission(name, url, LAMPS), registered)
        show_report(report, "lamps.graphql")
        option = "--name: " if name == "Lamps" else "--url: "
        told = capsys.readouterr().out
        assert told.startswith(option)
        assert "lamps.graphql" not in told


async def test_a_cousin_that_everybody_else_needs(
    registered: Registered, server: PartnerServer
) -> None:
    """The name alone of a registered partner, with another's types, is an update of that one."""
    report = await check(registered, server, LAMPS, "posts")
    assert report.problems == ()
    assert {"Query.post", "Post", "Grid.posts"} <= set(report.removed)
