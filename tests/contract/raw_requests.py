"""Requests as they may come over HTTP, well-formed and not, for tests that send them twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

NEW = "application/graphql-response+json"
JSON = "application/json"


@dataclass(frozen=True)
class Raw:
    """One request to /graphql."""

    method: str = "POST"
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON), ("Accept", NEW))
    parameters: str = ""
    signed_in: bool = True
    extra: tuple[tuple[str, str], ...] = ()


def asking(query: str, variables: Any = None, **given: Any) -> Raw:
    """A POST that asks a query."""
    name = given.pop("name", None)
    body = {"query": query, "variables": variables, "operationName": name}
    content = json.dumps({key: value for key, value in body.items() if value is not None})
    return Raw(content=content.encode(), **given)


def by_get(query: str, **given: Any) -> Raw:
    """A GET that asks a query."""
    parameters = urlencode({"query": query, **given.pop("parameters", {})})
    return Raw("GET", headers=(("Accept", NEW),), parameters=f"?{parameters}", **given)


def with_headers(**headers: str) -> Raw:
    """A POST of a good query with these headers."""
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Raw(content=GOOD, headers=given)


GOOD = b'{"query": "{ grid(code: \\"370202001001001\\") { code name } }"}'
GRID = '{ grid(code: "370202001001001") { code name } }'
FIRMS = "{ firms(first: 1) { nodes { code } } }"
RETIRE = 'mutation { retireVenue(input: {code: "none"}) { venue { code } } }'
TWO = "query A { grids(first: 1) { totalCount } } query B { firms(first: 1) { totalCount } }"
LOOKUP = "query($c: String!) { grid(code: $c) { name } }"
DEEP = "{ grids { nodes " + "{ buildings { nodes { grid " * 6 + "{ code }" + "} } }" * 6 + " } }"

REQUESTS: dict[str, Raw] = {
    "a query": asking(GRID),
    "a query, anonymous": asking(GRID, signed_in=False),
    "a query of what needs a token": asking(FIRMS, signed_in=False),
    "a query, answered as JSON": with_headers(content_type=JSON, accept=JSON),
    "no Accept": Raw(content=GOOD, headers=(("Content-Type", JSON), ("Accept", ""))),
    "Accept with wishes": with_headers(content_type=JSON, accept=f"{NEW};q=0.1, */*"),
    "Accept of a browser": with_headers(content_type=JSON, accept="text/html, */*;q=0.8"),
    "an unknown Accept": with_headers(content_type=JSON, accept="text/xml"),
    "Accept of event streams": with_headers(content_type=JSON, accept="text/event-stream"),
    "Accept of parts": with_headers(content_type=JSON, accept="multipart/mixed"),
    "broken JSON": Raw(content=b"{"),
    "no body": Raw(),
    "null": Raw(content=b"null"),
    "a text": Raw(content=b'"text"'),
    "a list": Raw(content=b"[" + GOOD + b"]"),
    "nested without end": Raw(content=b"[" * 10_000),
    "not UTF-8": Raw(content=b'{"query": "\xff"}'),
    "half a surrogate": Raw(content=b'{"query": "\\ud800"}'),
    "NaN": Raw(content=b'{"query": NaN}'),
    "no query": Raw(content=b"{}"),
    "a query that is a number": Raw(content=b'{"query": 1}'),
    "variables that are a list": Raw(content=b'{"query": "{__typename}", "variables": []}'),
    "a name that is a number": Raw(content=b'{"query": "{__typename}", "operationName": 1}'),
    "extensions that are a text": Raw(content=b'{"query": "{__typename}", "extensions": "x"}'),
    "an extension": Raw(content=b'{"query": "{__typename}", "extensions": {"x": 1}}'),
    "text/plain": with_headers(content_type="text/plain", accept=NEW),
    "another charset": with_headers(content_type=f"{JSON}; charset=gbk", accept=NEW),
    "charset utf-8": with_headers(content_type=f'{JSON}; charset="UTF-8"', accept=NEW),
    "a form": with_headers(content_type="application/x-www-form-urlencoded", accept=NEW),
    "a form of parts": with_headers(content_type="multipart/form-data; boundary=x", accept=NEW),
    "application/graphql": with_headers(content_type="application/graphql", accept=NEW),
    "no Content-Type": Raw(content=GOOD, headers=(("Accept", NEW),)),
    "a body over the limit": Raw(content=b" " * 1_000_001),
    "a body far over the limit": Raw(content=b" " * 6_000_000),
    "a body at the limit": Raw(content=GOOD + b" " * (1_000_000 - len(GOOD))),
    "GET": by_get(GRID),
    "GET with variables": by_get(LOOKUP, parameters={"variables": '{"c": "370202001001001"}'}),
    "GET with broken variables": by_get(LOOKUP, parameters={"variables": "{"}),
    "GET with a name": by_get(TWO, parameters={"operationName": "A"}),
    "GET of a mutation": by_get(RETIRE),
    "GET of nothing": Raw("GET", headers=(("Accept", NEW),)),
    "GET of a browser": Raw("GET", headers=(("Accept", "text/html"),)),
    "HEAD": Raw("HEAD", headers=(("Accept", NEW),)),
    "PUT": Raw("PUT", GOOD),
    "PATCH": Raw("PATCH", GOOD),
    "DELETE": Raw("DELETE"),
    "OPTIONS": Raw("OPTIONS"),
    "an unknown method": Raw("BREW"),
    "query and body": Raw(content=GOOD, parameters="?query=%7B__typename%7D"),
    "a wrong token": asking(GRID, signed_in=False, extra=(("Authorization", "Bearer no"),)),
    "a token that is too long": asking(
        GRID, signed_in=False, extra=(("Authorization", "Bearer " + "x" * 5_000),)
    ),
    "another scheme": asking(GRID, signed_in=False, extra=(("Authorization", "Basic eDp5"),)),
    "an empty Authorization": asking(GRID, signed_in=False, extra=(("Authorization", ""),)),
    "two Authorization headers": asking(GRID, extra=(("Authorization", "Bearer other"),)),
    "a gateway's secret": asking(FIRMS, signed_in=False, extra=(("X-Hub-Gateway", "guessed"),)),
    "a long header": asking(GRID, extra=(("X-Long", "x" * 8_000),)),
    "X-Hub-Explain": asking(GRID, extra=(("X-Hub-Explain", "1"),)),
    "X-Hub-Explain, anonymous": asking(GRID, signed_in=False, extra=(("X-Hub-Explain", "1"),)),
    "X-Hub-Executor": asking(GRID, extra=(("X-Hub-Executor", "fast"),)),
    "two operations": asking(TWO),
    "the second operation": asking(TWO, name="B"),
    "an operation there is not": asking(TWO, name="C"),
    "an empty name": asking(GRID, name=""),
    "a wrong variable": asking(LOOKUP, {"c": 1}),
    "a variable too many": asking(LOOKUP, {"c": "370202001001001", "d": 1}),
    "a variable too few": asking(LOOKUP),
    "a code that is none": asking('mutation { retireVenue(input: {code: ""}) { venue { code } } }'),
    "a mutation": asking(RETIRE),
    "a mutation, anonymous": asking(RETIRE, signed_in=False),
    "a document that does not parse": asking("{ grid("),
    "an empty document": asking(""),
    "a document of blanks": asking("  # nothing"),
    "an unknown field": asking("{ nothing }"),
    "a field of a subgraph": asking("{ _service { sdl } }"),
    "entities": asking("{ _entities(representations: []) { __typename } }"),
    "too deep": asking(DEEP),
    "too many fields": asking("{ grids { nodes {" + "code " * 2_001 + "} } }"),
    "too many tokens": asking("{" + "a " * 10_001 + "}"),
    "a long document": asking("#" * 100_001 + "\n{ __typename }"),
    "many records": asking(
        "{ grids(first: 1000) { nodes { buildings(first: 1000) { nodes { code } } } } }"
    ),
    "a page too large": asking("{ grids(first: 1001) { nodes { code } } }"),
    "a forged cursor": asking('{ grids(after: "forged") { nodes { code } } }'),
    "a subscription": asking("subscription { nothing }"),
    "introspection": asking("{ __schema { queryType { name } types { name kind } } }"),
    "introspection beside data": asking('{ __type(name: "Grid") { name } grids { totalCount } }'),
    "a fragment on itself": asking("fragment F on Query { ...F } query Q { ...F }"),
    "skipped fields": asking('{ a: __typename grid(code: "x") @skip(if: true) { code } }'),
    "an unknown directive": asking("{ __typename @nothing }"),
    "a defer": asking("{ ... @defer { grids(first: 1) { totalCount } } }"),
}
