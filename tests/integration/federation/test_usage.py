"""Operations are counted, normalised and per day, and outlast a PostgreSQL that is away."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from graphql import build_schema, parse

from hub.federation.usage import KEPT_DAYS, Usage
from resolvers.errors import StoreUnavailable
from resolvers.operation import ParsedDocument
from resolvers.stores.operations import seen_since
from resolvers.stores.postgres import Postgres
from tests.integration.federation.conftest import Site

SCHEMA = build_schema("type Query { firm(name: String): Firm } type Firm { code: String }")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def document(text: str) -> ParsedDocument:
    return ParsedDocument.of(text, f"digest of {text}", parse(text))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def seen(site: Site, days: int = 30) -> list[tuple[str | None, int]]:
    found = await seen_since(site.postgres, NOW - timedelta(days=days))
    return [(each.name, each.times) for each in found]


async def test_counts(site: Site) -> None:
    clock = Clock()
    usage = Usage(site.postgres, now=clock)
    one = document('query A { firm(name: "王五的店") { code } }')
    same = document('query A {\n firm(name: "other") { code } }')
    two = document("query B { firm { code } } query C { firm { c: code } }")
    for _ in range(5):
        usage.saw(one, None, SCHEMA)
    usage.saw(same, "A", SCHEMA)
    usage.saw(two, "C", SCHEMA)
    await usage.flush()
    await usage.flush()
    assert await seen(site) == [("A", 6), ("C", 1)]
    (found, _) = await seen_since(site.postgres, NOW - timedelta(days=1))
    assert "王五" not in found.text
    assert found.fields == ("Firm.code", "Query.firm", "Query.firm(name:)")
    assert found.last_seen == NOW

    clock.now = NOW + timedelta(days=1)
    usage.saw(one, None, SCHEMA)
    await Usage(site.postgres, now=clock).flush()
    await usage.flush()
    assert await seen(site) == [("A", 7), ("C", 1)]
    days = await site.postgres.fetch("select day, times from operation_days order by day, times")
    assert [row["times"] for row in days] == [1, 6, 1]

    clock.now = NOW + timedelta(days=KEPT_DAYS + 1)
    await usage.flush()
    assert await seen(site) == [("A", 1)]
    assert await site.postgres.fetchval("select count(*) from operations") == 1


async def test_several_processes_count_into_one(site: Site) -> None:
    texts = [f"query Q{i} {{ firm {{ code }} }}" for i in range(40)]
    workers = [Usage(site.postgres, now=Clock()) for _ in range(4)]
    for n, usage in enumerate(workers):
        for text in texts[::-1] if n % 2 else texts:
            usage.saw(document(text), None, SCHEMA)
    await asyncio.gather(*(usage.flush() for usage in workers))
    assert {times for _, times in await seen(site)} == {4}


async def test_postgres_is_away(site: Site) -> None:
    pool = await Postgres.open("postgresql://hub:x@127.0.0.1:1/hub")
    usage = Usage(pool, now=Clock(), most=3)
    one = document("query A { firm { code } }")
    usage.saw(one, None, SCHEMA)
    with pytest.raises(StoreUnavailable):
        await usage.flush()
    usage.saw(one, None, SCHEMA)
    for i in range(5):
        usage.saw(document(f"query B{i} {{ firm {{ code }} }}"), None, SCHEMA)
    with pytest.raises(StoreUnavailable):
        await usage.flush()
    assert usage.dropped == 3
    await pool.close()
    usage._postgres = site.postgres
    await usage.flush()
    assert sorted(await seen(site)) == [("A", 2), ("B0", 1), ("B1", 1)]


async def test_it_never_fails_a_request(site: Site) -> None:
    usage = Usage(site.postgres, now=Clock())
    usage.saw(document("query A { firm { code } }"), "Unknown", SCHEMA)
    usage.saw(document("{ nothing(here: 1) { at { all } } }"), None, SCHEMA)
    usage.saw(document("fragment F on Firm { code }"), None, SCHEMA)
    await usage.flush()
    assert len(await seen(site)) <= 1


async def test_a_known_one_is_cheap(site: Site) -> None:
    usage = Usage(site.postgres, now=Clock())
    one = document("query A { firm { code } }")
    usage.saw(one, None, SCHEMA)
    began = time.perf_counter()
    for _ in range(20_000):
        usage.saw(one, None, SCHEMA)
    print(f"{(time.perf_counter() - began) / 20_000 * 1e6:.2f} µs for each")
    assert len(usage._times) == len(usage._unread) == 1
