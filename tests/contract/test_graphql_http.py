"""GraphQL over HTTP: methods, media types, status codes, bad input."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contract.service import Service

NEW = "application/graphql-response+json"
OLD = "application/json"


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


async def test_post_answers(http: httpx.AsyncClient) -> None:
    body = {
        "query": "query Q($n: String) { a: hello(name: $n) hello }",
        "variables": {"n": "天山"},
        "operationName": "Q",
    }
    answer = await http.post("/graphql", json=body, headers={"Accept": NEW})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"a": "hello 天山", "hello": "hello district"}}
    assert answer.headers["content-type"] == f"{NEW}; charset=utf-8"


async def test_get_answers_queries(http: httpx.AsyncClient) -> None:
    asked = {"query": "query($n: String) { hello(name: $n) }", "variables": '{"n": "x"}'}
    answer = await http.get("/graphql", params=asked)
    assert answer.json() == {"data": {"hello": "hello x"}}


async def test_get_refuses_mutations(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql", params={"query": "mutation { touch }"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert code(answer) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (NEW, NEW),
        (f"{NEW}; charset=utf-8, {OLD}; q=0.9", NEW),
        (f"{NEW};q=0.1, */*", OLD),
        (f"text/html, {OLD}", OLD),
        (f"{OLD};q=0, */*", NEW),
    ],
)
async def test_media_types(http: httpx.AsyncClient, accept: str | None, media: str) -> None:
    request = http.build_request("POST", "/graphql", json={"query": "{hello}"})
    del request.headers["accept"]
    if accept:
        request.headers["accept"] = accept
    answer = await http.send(request)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)


async def test_a_media_type_we_do_not_speak(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": "{hello}"}, headers={"Accept": "text/xml"})
    assert (answer.status_code, code(answer)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("content", "content_type", "status", "expected"),
    [
        (b"{", OLD, 400, "BAD_REQUEST"),
        (b"", OLD, 400, "BAD_REQUEST"),
        (b"null", OLD, 400, "BAD_REQUEST"),
        (b'"text"', OLD, 400, "BAD_REQUEST"),
        (b'{"query": "\xff"}', OLD, 400, "BAD_REQUEST"),
        (b'{"query": "\\ud800"}', OLD, 400, "BAD_REQUEST"),
        (b'{"query": NaN}', OLD, 400, "BAD_REQUEST"),
        (b"[" * 10_000, OLD, 400, "BAD_REQUEST"),
        (b'[{"query": "{hello}"}]', OLD, 400, "BAD_REQUEST"),
        (b'{"query": 1}', OLD, 400, "BAD_REQUEST"),
        (b'{"query": "{hello}", "variables": []}', OLD, 400, "BAD_REQUEST"),
        (b'{"query": "{hello}", "operationName": 1}', OLD, 400, "BAD_REQUEST"),
        (b'{"query": "{hello}"}', "text/plain", 415, "BAD_REQUEST"),
        (b'{"query": "{hello}"}', f"{OLD}; charset=gbk", 415, "BAD_REQUEST"),
        (b"query={hello}", "application/x-www-form-urlencoded", 415, "BAD_REQUEST"),
        (b" " * 1_000_001, OLD, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
async def test_bad_bodies(
    http: httpx.AsyncClient, content: bytes, content_type: str, status: int, expected: str
) -> None:
    for accept in (NEW, OLD):
        headers = {"Content-Type": content_type, "Accept": accept}
        answer = await http.post("/graphql", content=content, headers=headers)
        assert (answer.status_code, code(answer)) == (status, expected), answer.text
        assert "Traceback" not in answer.text


async def test_a_body_too_large_that_does_not_say_so(http: httpx.AsyncClient) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    answer = await http.post("/graphql", content=pieces(), headers={"Content-Type": OLD})
    assert (answer.status_code, code(answer)) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{hello{}}", "GRAPHQL_PARSE_FAILED"),
        ("{}", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("{hello(name: 1)}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A {hello} query B {hello}", "BAD_REQUEST"),
        ("fragment F on Query {hello} query Q {...G}", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query {...F} query Q {...F}", "GRAPHQL_VALIDATION_FAILED"),
        ("{" + "node{" * 16 + "name" + "}" * 17, "TOO_COMPLEX"),
        ("{a" * 5_000, "TOO_COMPLEX"),
        ("{" + "hello " * 21 + "}", "TOO_COMPLEX"),
        ("{node{" + "".join(f"a{i}:name " for i in range(201)) + "}}", "TOO_COMPLEX"),
        ("{node{" + "name " * 2_001 + "}}", "TOO_COMPLEX"),
        ("{hello}" + " {hello}" * 5_000, "TOO_COMPLEX"),
        ("#" * 100_001 + "\n{hello}", "TOO_COMPLEX"),
        ("subscription {ticks}", "BAD_REQUEST"),
    ],
)
async def test_documents_that_cannot_be_run(
    http: httpx.AsyncClient, query: str, expected: str
) -> None:
    for accept, status in ((NEW, 400), (OLD, 200)):
        answer = await http.post("/graphql", json={"query": query}, headers={"Accept": accept})
        assert (answer.status_code, code(answer)) == (status, expected), answer.text
        assert "data" not in answer.json()


async def test_a_field_that_is_too_deep_is_shown(http: httpx.AsyncClient) -> None:
    query = "{" + "node{" * 16 + "name" + "}" * 17
    answer = await http.post("/graphql", json={"query": query})
    error = answer.json()["errors"][0]
    assert error["locations"] == [{"line": 1, "column": query.index("name") + 1}]
    assert error["extensions"] == {"code": "TOO_COMPLEX", "limit": "depth", "most": 16}


async def test_nested_fragments_are_counted_where_they_stand(http: httpx.AsyncClient) -> None:
    doubling = "".join(
        f"fragment F{i} on Node {{ ...F{i + 1} node {{ ...F{i + 1} }} }} " for i in range(40)
    )
    query = doubling + "fragment F40 on Node { name } { node { ...F0 } }"
    answer = await http.post("/graphql", json={"query": query})
    limits = {each["extensions"]["limit"] for each in answer.json()["errors"]}
    assert limits == {"depth", "fields"}


async def test_an_unexpected_exception(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": "{burst}"})
    assert (answer.status_code, code(answer)) == (500, "INTERNAL")
    error = answer.json()["errors"][0]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert "hunter2" not in answer.text


async def test_an_error_of_the_executor(http: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"query": "query($code: String!) { fail(code: $code) }"}
    body["variables"] = {"code": "FORBIDDEN"}
    for accept, status in ((NEW, 403), (OLD, 200)):
        answer = await http.post("/graphql", json=body, headers={"Accept": accept})
        assert (answer.status_code, code(answer)) == (status, "FORBIDDEN")


async def test_the_reference_executor_is_asked_for(http: httpx.AsyncClient, tiny: Service) -> None:
    ask = {"query": "{hello}"}
    await http.post("/graphql", json=ask, headers={"X-Hub-Executor": "reference"})
    assert tiny.executor.wanted[-1].reference
    await http.post("/graphql", json=ask)
    assert not tiny.executor.wanted[-1].reference
    answer = await http.post("/graphql", json=ask, headers={"X-Hub-Executor": "fast"})
    assert code(answer) == "BAD_REQUEST"


async def test_explanations_are_for_those_signed_in(http: httpx.AsyncClient, tiny: Service) -> None:
    ask, explain = {"query": "{hello}"}, {"X-Hub-Explain": "1"}
    answer = await http.post("/graphql", json=ask, headers=explain)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    answer = await http.post("/graphql", json=ask, headers=explain | tiny.signed_in())
    assert answer.status_code == 200
    assert tiny.executor.wanted[-1].explain


async def test_other_paths_and_methods(http: httpx.AsyncClient) -> None:
    answer = await http.get("/nowhere")
    assert (answer.status_code, code(answer)) == (404, "BAD_REQUEST")
    answer = await http.delete("/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
