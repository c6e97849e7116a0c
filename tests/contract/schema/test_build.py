"""The single schema and its subgraphs come from the same blocks, and compose to the same API."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
import strawberry
from graphql import build_schema, lexicographic_sort_schema, print_schema

from hub.federation.compose import GATEWAY, Composed, compose
from hub.federation.subgraph import Subgraph
from resolvers.catalog import Catalog, Edge, Entity
from schema.blocks import Domain, connection
from schema.build import DOMAINS, build, check_blocks, whole

CLIENTS = Path(__file__).parents[2] / "clients"
COMMITTED = Path(__file__).parents[3] / "schema" / "schema.graphql"


def composed(subgraphs: dict[str, str]) -> Composed:
    """What the registry's composition makes of subgraphs."""
    if shutil.which("node") is None or not (GATEWAY / "node_modules").is_dir():
        pytest.skip("Node or the gateway's packages are missing: run bin/setup")
    given = [Subgraph(name, f"http://127.0.0.1/{name}", sdl) for name, sdl in subgraphs.items()]
    return asyncio.run(compose(given))


def sorted_sdl(schema: strawberry.Schema) -> str:
    return print_schema(lexicographic_sort_schema(build_schema(schema.as_str())))


def test_committed_sdl_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == whole().as_str() + "\n", (
        "the schema changed: run `hub export schema --out schema/schema.graphql` and name "
        "breaking changes in the changelog"
    )


def test_subgraphs_compose_to_the_single_schema() -> None:
    made = composed({d.name: build(d.name).as_str() for d in DOMAINS})
    assert not made.errors
    assert made.api.strip() == sorted_sdl(whole()).strip()


def lamps_and_posts() -> tuple[Catalog, tuple[Domain, Domain]]:
    """Two domains, each with an `extend` block on the other's type."""
    lamp = Entity(
        "Lamp",
        "Lamps",
        "lamps",
        "own",
        "Own code.",
        edges=(Edge("post", "ON", "Post", "The post it hangs on.", reverse="lamps"),),
    )
    post = Entity(
        "Post",
        "Posts",
        "posts",
        "own",
        "Own code.",
        edges=(Edge("pilot", "PILOT", "Lamp", "The lamp that marks it.", reverse="posts"),),
    )
    lamps, posts = Domain("lamps"), Domain("posts")

    @lamps.entity
    class Lamp:
        """A lamp."""

    @lamps.extend("Post")
    class PostLamps:
        lamps = connection("The lamps on it.")

    @posts.entity
    class Post:
        """A post."""

    @posts.extend("Lamp")
    class LampPosts:
        posts = connection("The posts it marks.")

    return Catalog((lamp, post)), (lamps, posts)


def test_two_domains_that_extend_each_other() -> None:
    catalog, domains = lamps_and_posts()
    single = build(None, domains, catalog)
    lamp = single._schema.type_map["Lamp"]
    assert {"post", "posts"} <= set(lamp.fields)  # type: ignore[attr-defined]
    subgraphs = {d.name: build(d.name, domains, catalog).as_str() for d in domains}
    made = composed(subgraphs)
    assert not made.errors
    assert made.api.strip() == sorted_sdl(single).strip()


def test_a_field_belongs_to_one_block() -> None:
    catalog, domains = lamps_and_posts()

    @domains[1].extend("Post")
    class Again:
        lamps = connection("The lamps on it.")

    with pytest.raises(ValueError, match=r"Post\.lamps is declared by lamps and by posts"):
        check_blocks(domains, catalog)


def test_a_connection_needs_its_edge() -> None:
    catalog, domains = lamps_and_posts()

    @domains[0].extend("Post")
    class Unknown:
        bulbs = connection("Its bulbs.")

    with pytest.raises(ValueError, match=r"Post\.bulbs is the reverse of no edge"):
        check_blocks(domains, catalog)


def test_an_unknown_subgraph_is_named() -> None:
    with pytest.raises(ValueError, match="no subgraph 'lamps'"):
        build("lamps")
