"""A partner's address: its form, and what it answers."""

from __future__ import annotations

import time

import pytest

from hub.federation.address import Unreachable, served_sdl, url_fault
from hub.federation.check import check_submission
from hub.federation.registered import Registered
from hub.federation.submission import Submission
from tests.subgraph_for_tests import LAMPS, PartnerServer, partner_server


@pytest.mark.parametrize(
    "url",
    [
        "ftp://lamps/graphql", "lamps", "http://", "file:///etc/passwd", "http://a b/",
        "http://user:secret@lamps/", "http://lamps:99999/", "http://lamps/#x", "http://[::1/",
        "http://lamps/" + "a" * 2_000,
    ],
)  # fmt: skip
async def test_what_is_no_address(registered: Registered, url: str) -> None:
    assert url_fault(url)
    report, _ = await check_submission(Submission("lamps", url, LAMPS), registered)
    assert [problem.message for problem in report.problems] == [url_fault(url)]
    assert "secret" not in str(url_fault(url))


@pytest.mark.parametrize("url", ["http://lamps:4001/graphql", "https://[::1]/", "http://照明.cn/a"])
def test_what_is_an_address(url: str) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("redirect", "redirects, which is not followed; give the final address"),
        ("huge", "answers with more than 4,000,000 bytes; serve a smaller schema"),
        ("text", "but not with the SDL that { _service { sdl } } asks for"),
        ("errors", "but not with the SDL that { _service { sdl } } asks for"),
    ],
)
async def test_answers_that_are_none(behaviour: str, told: str) -> None:
    with partner_server() as server:
        server.behaviour = behaviour
        with pytest.raises(Unreachable, match=told.replace("{", r"\{").replace("}", r"\}")):
            await served_sdl(server.url)
        assert server.asked == 1


async def test_one_that_takes_too_long() -> None:
    with partner_server() as server:
        server.seconds = 1.5
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"did not answer within 0\.3 seconds; start"):
            await served_sdl(server.url, 0.3)
        assert time.monotonic() - began < 1.2


async def test_nobody_there(registered: Registered) -> None:
    with partner_server() as server:
        url = server.url
    report, _ = await check_submission(Submission("lamps", url, LAMPS), registered)
    (problem,) = report.problems
    assert problem.message.startswith(f"{url} does not answer (")
    assert problem.message.endswith("start the subgraph, or correct the address")


async def test_what_is_served_lacks_something(
    registered: Registered, server: PartnerServer
) -> None:
    server.sdl = LAMPS.replace("  watts: Int\n", "", 1).replace("enum LampKind { LED SODIUM }", "")
    server.sdl = server.sdl.replace("lamps: [Lamp!]\n", "lamps: [Lamp]\n")
    report, _ = await check_submission(Submission("lamps", server.url, LAMPS), registered)
    lines = LAMPS.splitlines()
    told = [(each.about, lines[(each.line or 0) - 1].strip()) for each in report.problems]
    assert told == [
        ("Query.lamps", "lamps: [Lamp!]"),
        ("Lamp.watts", "watts: Int"),
        ("LampKind", "enum LampKind { LED SODIUM }"),
    ]  # fmt: skip
    server.sdl = "type Query {"
    report, _ = await check_submission(Submission("lamps", server.url, LAMPS), registered)
    assert "does not parse" in report.problems[0].message


async def test_it_may_serve_more(registered: Registered, server: PartnerServer) -> None:
    server.sdl = LAMPS + "type More { a: Int } extend type Lamp { lux: Int }"
    report, _ = await check_submission(Submission("lamps", server.url, LAMPS), registered)
    assert report.problems == ()
