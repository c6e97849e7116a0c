"""Pruning by time: what goes, what stays, and that no cursor is silently short of an event."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.event_tools.conftest import Site, event, instant, store

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def life(number: int, opened: datetime, closed: datetime | None) -> list[dict[str, Any]]:
    """An event's versions: opened, and closed if it was."""
    first = event(number, opened)
    if closed is None:
        return [first]
    ended = {"version": 2, "phase": "CLOSED", "status": "CLOSED", "openedAt": first["openedAt"]}
    ended |= {"closedAt": instant(closed), "before": {"status": "OPEN"}}
    return [first, event(number, closed, **ended)]


async def fill(site: Site) -> int:
    """Events of January to April 2026, one each six hours, which last an hour; each tenth stays
    open. Gives the number of versions."""
    placed: list[tuple[int, int, dict[str, Any]]] = []
    offsets = [0, 0, 0]
    for number in range(480):
        opened = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=6 * number)
        for doc in life(number, opened, None if number % 10 == 0 else opened + timedelta(hours=1)):
            partition = number % 3
            placed.append((partition, offsets[partition], doc))
            offsets[partition] += 2  # as after each transaction's marker
    await store(site, placed)
    return len(placed)


async def check_no_gap(site: Site) -> None:
    """Each version that is gone lies before its partition's first offset."""
    rows = await site.fetch("select partition, first_offset, next_offset from event_positions")
    there: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for row in await site.fetch("select partition, topic_offset from event_versions"):
        there[row["partition"]].add(row["topic_offset"])
    for row in rows:
        reachable = set(range(row["first_offset"], row["next_offset"]))
        written = {offset for offset in reachable if offset % 2 == 0}
        assert written <= there[row["partition"]], row


async def test_it_tells_first(site: Site) -> None:
    count = await fill(site)
    told = await site.run("prune", "--before", "2026-03-11T12:00:00Z")
    assert told.returncode == 1
    assert "months of them as a whole" in told.stdout
    assert "2026_01, 2026_02" in told.stdout
    assert "Nothing was removed" in told.stdout
    assert await site.fetch("select count(*) as n from event_versions") == [(count,)]
    for wrong in (
        ["--before", "tomorrow"],
        ["--before", "2999-01-01", "--yes"],
        ["--before", "2026-01-01", "--older-than", "1d"],
        ["--older-than", "2 weeks"],
        [],
    ):
        assert (await site.run("prune", *wrong)).returncode == 2
    assert await site.fetch("select count(*) as n from event_versions") == [(count,)]


async def test_months_and_the_rest(site: Site) -> None:
    before = await fill(site)
    edge = datetime(2026, 3, 11, 12, tzinfo=UTC)
    plan = json.loads((await site.run("prune", "--before", instant(edge), "--json")).stdout)
    told = await site.run("prune", "--before", instant(edge), "--yes", "--json")
    assert told.returncode == 0, told.stderr
    done = json.loads(told.stdout)
    assert done == {"months": 2, "versions": plan["versions"], "events": plan["events"]}
    [(left, oldest)] = await site.fetch("select count(*), min(recorded_at) from event_versions")
    assert oldest >= edge
    assert left + done["versions"] == before
    months = await site.fetch("select tablename from pg_tables where tablename ~ 'versions_'")
    assert sorted(row[0] for row in months) == ["event_versions_2026_03", "event_versions_2026_04"]
    rows = await site.fetch("select status, count(*), min(recorded_at) from events group by 1")
    kept = {row["status"]: (row["count"], row["min"]) for row in rows}
    assert kept["OPEN"][0] == 48
    assert kept["CLOSED"][1] >= edge
    assert kept["CLOSED"][0] + done["events"] == 432
    await check_no_gap(site)
    again = json.loads(
        (await site.run("prune", "--before", instant(edge), "--yes", "--json")).stdout
    )
    assert again == {"months": 0, "versions": 0, "events": 0}
    told = await site.run("prune", "--older-than", "1d", "--yes")
    assert told.returncode == 0
    await check_no_gap(site)
    print(f"{before} versions, {done['versions']} removed, {left} left; none out of reach")


async def test_a_clock_that_went_back(site: Site) -> None:
    late, early = MARCH + timedelta(days=40), MARCH - timedelta(days=10)
    placed = [
        (0, 0, event(1, early)),
        (0, 2, event(2, late)),
        (0, 4, event(3, early)),
        (0, 6, event(4, late)),
        (1, 0, event(5, late)),
    ]
    await store(site, placed)
    told = await site.run("prune", "--before", instant(MARCH), "--yes", "--json")
    assert json.loads(told.stdout) == {"months": 1, "versions": 2, "events": 0}
    rows = await site.fetch("select first_offset from event_positions order by partition")
    assert [row[0] for row in rows] == [5, 0, 0]
    await check_no_gap(site)


async def test_while_others_read_and_write(site: Site) -> None:
    """A reader's lock is waited for; what was removed before is kept removed."""
    await fill(site)
    reader = await site.connect()
    try:
        async with reader.transaction():
            await reader.fetch("select count(*) from event_versions")

            pruning = asyncio.create_task(
                site.run("prune", "--before", instant(MARCH), "--yes", "--json")
            )
            await asyncio.sleep(4)
            assert not pruning.done()
            writer = await site.connect()
            seen = await writer.fetch(
                "select count(*) from event_versions where recorded_at < $1", MARCH
            )
            assert seen[0][0] > 0
            await writer.close()
        told = await pruning
    finally:
        await reader.close()
    assert json.loads(told.stdout)["months"] == 2
    await check_no_gap(site)
