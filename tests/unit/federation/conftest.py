"""What is registered, made up in memory: the hub's subgraphs and one partner's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub.federation.compose import GATEWAY, compose
from hub.federation.partner import Partner
from hub.federation.registered import Registered
from hub.federation.subgraph import own_subgraphs
from hub.settings import Settings
from resolvers.stores.operations import SeenOperation
from tests.subgraph_for_tests import LINK, PartnerServer, partner_server

POSTS = (
    LINK
    + """
type Query { post(code: String!): Post }
type Post @key(fields: "code") { code: String! volts: Int place: PostPlace }
type PostPlace { street: String }
type Grid @key(fields: "code") { code: String! posts: [Post!] }
"""
)
"""Charging posts of another partner."""
THEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def server() -> Iterator[PartnerServer]:
    with partner_server() as server:
        yield server


async def nothing_seen() -> list[SeenOperation]:
    return []


@pytest.fixture(scope="session")
async def registered() -> Registered:
    if shutil.which("node") is None or not (GATEWAY / "node_modules").is_dir():
        pytest.skip("Node or its packages are missing: run bin/setup")
    own = own_subgraphs(Settings())
    posts = Partner("posts", "http://127.0.0.1:1/posts", POSTS, 1, THEN, "anne", ())
    made = await compose([*own, posts.subgraph])
    assert made.errors == ()
    return Registered(own, (posts,), made.api, True, nothing_seen)
