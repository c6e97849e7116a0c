"""The document cache: what is kept, what is refused, and how long a refusal may take."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from graphql import build_schema

from hub.documents import DocumentRefused, Documents
from hub.limits import Limits
from hub.metrics import Metrics
from hub.settings import Settings

SCHEMA = build_schema("type Query { a: String b(x: Int): String node: Node } type Node { n: Node }")
LIMITS = Limits.of(Settings())


def documents(metrics: Metrics, size: int = 10, introspection: bool = True) -> Documents:
    return Documents(SCHEMA, LIMITS, metrics, size=size, introspection=introspection)


async def test_a_text_is_read_once() -> None:
    metrics = Metrics()
    cache = documents(metrics)
    first = await cache.get("{ a }")
    assert await cache.get("{ a }") is first
    assert await cache.get("{  a }") is not first
    results = {
        result: metrics.registry.get_sample_value("hub_document_cache_total", {"result": result})
        for result in ("hit", "miss")
    }
    assert results == {"hit": 1, "miss": 2}


async def test_the_least_used_goes_first() -> None:
    cache = documents(Metrics(), size=2)
    first = await cache.get("{ a }")
    second = await cache.get("{ b }")
    assert await cache.get("{ a }") is first
    await cache.get("{ a b }")
    assert await cache.get("{ a }") is first
    assert await cache.get("{ b }") is not second


async def test_what_is_refused_is_not_kept() -> None:
    metrics = Metrics()
    cache = documents(metrics)
    for _ in range(2):
        with pytest.raises(DocumentRefused):
            await cache.get("{ nothing }")
    refused = {"result": "refused"}
    assert metrics.registry.get_sample_value("hub_document_cache_total", refused) == 2


async def test_introspection_can_be_off() -> None:
    cache = documents(Metrics(), introspection=False)
    with pytest.raises(DocumentRefused, match="introspection"):
        await cache.get("{ __schema { queryType { name } } }")
    assert await cache.get("{ __typename a }")


async def test_each_limit_names_its_setting() -> None:
    small = Limits(depth=1, fields=2, aliases=0, roots=2, tokens=30, document_bytes=200)
    cache = Documents(SCHEMA, small, Metrics())
    for text, limit in (
        ("{ node { n { __typename } } }", "depth"),
        ("{ a b a }", "fields"),
        ("{ x: a }", "aliases"),
        ("{ a b a }", "root_fields"),
        ("{" + "a " * 30, "tokens"),
        ("{ a }" + " " * 200, "document_bytes"),
    ):
        with pytest.raises(DocumentRefused) as caught:
            await cache.get(text)
        told = {
            error.extensions["limit"]: error for error in caught.value.errors if error.extensions
        }
        assert limit in told, text
        assert f"HUB_MAX_{limit.upper()}" in told[limit].message


async def test_a_costly_text_does_not_hold_up_others() -> None:
    roomy = replace(LIMITS, roots=10_000)
    cache = Documents(SCHEMA, roomy, Metrics())
    waits: list[float] = []

    async def others() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - began)

    task = asyncio.create_task(others())
    with pytest.raises(DocumentRefused) as caught:
        await cache.get("{" + "b " * 1990 + "}")
    task.cancel()
    assert [error.extensions for error in caught.value.errors] == [
        {"code": "TOO_COMPLEX", "limit": "fields", "most": LIMITS.fields}
    ]
    assert len(waits) > 1
