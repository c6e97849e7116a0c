"""Composition in a process of its own: what it takes, and how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.federation.compose import AGAIN, INVALID, REMEDY, TOO_LARGE, compose
from hub.federation.errors import ComposerUnavailable
from hub.federation.links import NEWEST
from hub.federation.registered import Registered
from hub.federation.subgraph import Subgraph, own_names, own_subgraphs
from hub.settings import Settings
from tests.subgraph_for_tests import LAMPS, LINK


def test_own_subgraphs_and_their_addresses() -> None:
    found = own_subgraphs(Settings(subgraph_url="http://{name}:{port}/graphql", subgraph_port=7000))
    assert tuple(each.name for each in found) == own_names()
    assert [each.url for each in found[:2]] == [
        "http://directory:7000/graphql", "http://places:7001/graphql"
    ]  # fmt: skip
    assert not any(each.partner for each in found)


async def test_the_newest_version_of_federation(registered: Registered) -> None:
    major, minor = NEWEST
    for version, taken in ((minor, True), (minor + 1, False)):
        text = LAMPS.replace(f"v{major}.{minor}", f"v{major}.{version}")
        made = await compose([*registered.own, Subgraph("lamps", "http://lamps/", text)])
        assert (made.errors == ()) is taken


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("enum join__Graph {\n  A\n}\n", "only one type named 'join__Graph'"),
        ("scalar join__FieldSet\n", "only one type named 'join__FieldSet'"),
    ],
)
async def test_a_supergraph_that_the_gateway_could_not_take(
    registered: Registered, text: str, told: str
) -> None:
    made = await compose([*registered.own, Subgraph("lamps", "http://lamps/", LAMPS + text)])
    (error,) = made.errors
    assert (error.code, made.supergraph, made.api) == (INVALID, "", "")
    assert told in error.message
    assert error.message.endswith("choose other names, or leave out what is named")


async def test_too_deep(registered: Registered) -> None:
    types = "".join(f"type L{i} {{ next: L{(i + 1) % 8000} }}\n" for i in range(8000))
    text = LINK + types + "type Query { l: L0 }\n"
    made = await compose([*registered.own, Subgraph("lamps", "http://lamps/", text)])
    (error,) = made.errors
    assert error.code == TOO_LARGE
    assert error.message == (
        "the schema is too large or too deep to compose; hand in a smaller one"
    )  # fmt: skip


async def test_packages_are_missing(tmp_path: Path) -> None:
    with pytest.raises(
        ComposerUnavailable, match="packages that compose subgraphs are missing"
    ) as told:
        await compose([], gateway=tmp_path)
    assert told.value.remedy == REMEDY


async def test_it_takes_too_long(registered: Registered) -> None:
    with pytest.raises(ComposerUnavailable, match=r"took more than 0\.02 seconds"):
        await compose(registered.own, seconds=0.02)


async def test_it_fails(registered: Registered) -> None:
    with pytest.raises(ComposerUnavailable, match=r"failed: GraphQLError: Syntax Error") as told:
        await compose([Subgraph("lamps", "http://lamps/", "type {")])
    assert told.value.remedy == AGAIN
