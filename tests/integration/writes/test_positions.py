"""Positions of the log: gapless, in commit order, and for nobody to alter."""

import asyncio

import asyncpg
import pytest

from resolvers.document import CREATED, Change, encode
from resolvers.stores import change_log
from resolvers.stores.change_log import SetInfo
from tests.integration.writes.conftest import Site

INFO = SetInfo("test", "test")


def province(code: str) -> Change:
    return Change("Province", code, 1, CREATED, {"name": code, "source": "t", "flags": []}, {})


async def append(connection: asyncpg.Connection, change: Change) -> int:
    position, _ = await change_log.append(
        connection, INFO, [change], [encode(change.fields, change.edges)]
    )
    return position


async def test_first_to_begin_commits_last(site: Site) -> None:
    """A transaction that began first and commits last comes last, and is not missed."""
    async with site.postgres.acquire() as early, site.postgres.acquire() as late:
        async with early.transaction():
            await early.fetch(change_log.CURRENT, ["Province"], ["11"])  # it has begun
            async with late.transaction():
                assert await append(late, province("12")) == 1
            await site.projector.catch_up(1)
            assert await append(early, province("11")) == 2
            reading = asyncio.create_task(change_log.head(site.postgres))
            assert await reading == 1, "nobody sees a position before it is committed"
        await site.projector.catch_up(2)
        sets = await change_log.read_sets(late, 0)
    assert [(s.position, s.changes[0].code) for s in sets] == [(1, "12"), (2, "11")]
    rows = await site.graph.run("MATCH (n:Province) RETURN n.code ORDER BY n.recorded_at")
    assert rows == [["12"], ["11"]]


async def test_rollback_leaves_no_gap(site: Site) -> None:
    """A position that was taken and rolled back is given to the next."""
    async with site.postgres.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert await append(connection, province("11")) == 1
        await transaction.rollback()
        async with connection.transaction():
            assert await append(connection, province("12")) == 1
    await site.projector.catch_up(1)
    assert await site.graph.run("MATCH (n:Province) RETURN n.code") == [["12"]]


async def test_many_writers_at_once(site: Site) -> None:
    """Forty writers get the positions 1 to 40, each at a later time than the one before."""

    async def write(n: int) -> int:
        async with site.postgres.acquire() as connection, connection.transaction():
            return await append(connection, province(f"{n:02}"))

    found = await asyncio.gather(*(write(n) for n in range(40)))
    assert sorted(found) == list(range(1, 41))
    rows = await site.postgres.fetch("select recorded_at from change_sets order by position")
    times = [row[0] for row in rows]
    assert times == sorted(times)
    await site.projector.catch_up(40)
    await site.check()


@pytest.mark.parametrize(
    "statement",
    [
        "update change_sets set actor = 'x'",
        "delete from change_sets",
        "delete from entity_versions",
        "update entity_versions set fields = '{}'",
        "delete from entities",
        "truncate change_sets",
    ],
)
async def test_the_service_cannot_rewrite_the_log(quiet_site: Site, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await quiet_site.postgres.execute(statement)
