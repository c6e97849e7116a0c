"""The projector: one at a time, stalled ones fenced, a foreign graph built anew."""

import asyncio

import pytest

from resolvers.document import ChangeSet
from resolvers.graph_check import check_graph
from resolvers.model import CATALOG
from resolvers.stores import change_log
from resolvers.stores.graph_writer import GraphWriter, type_order
from resolvers.stores.projector import Fenced, Projector, put_back
from tests.integration.writes.conftest import Site
from tests.small_district import batches


async def load(site: Site, size: int = 5, each: int = 50) -> int:
    writer = site.writer()
    for batch in batches(size, each):
        await writer.write(batch)
    return writer.total.position


async def test_a_stalled_projector_is_fenced(site: Site) -> None:
    """One that read its sets, stalled and lost the lease changes nothing when it wakes up."""
    await load(site)
    async with site.postgres.acquire() as connection:
        sets: list[ChangeSet] = await change_log.read_sets(connection, 0)
    before = await site.check()
    stalled = Projector(site.postgres, site.graph, CATALOG)
    stalled._log_id = await change_log.log_id(site.postgres)
    with pytest.raises(Fenced):
        await stalled._apply(sets)
    assert (await site.check()).graph == before.graph


async def test_one_projects_and_the_next_takes_over(quiet_site: Site) -> None:
    site = quiet_site
    second = Projector(site.postgres, site.graph, CATALOG, poll_seconds=0.1)
    await site.start_projector()
    task = asyncio.create_task(second.run())
    await load(site)
    assert site.projector.leading
    assert not second.leading
    await site.stop_projector()
    position = await load(site, 8)
    async with asyncio.timeout(20):
        await second.catch_up(position)
    await site.check()
    task.cancel()
    await asyncio.wait([task])


async def test_rebuild_under_a_running_projector(site: Site) -> None:
    """Put back while somebody projects: the graph is emptied, built anew, and the same."""
    await load(site)
    before = await site.check()
    await put_back(site.graph, await change_log.log_id(site.postgres))
    await load(site, 7)
    after = await site.check()
    assert after.position > before.position
    await site.graph.run("MATCH (n) DETACH DELETE n")
    assert (await site.check()).graph == after.graph


async def test_check_names_what_differs(site: Site) -> None:
    await load(site)
    await site.check()
    await site.graph.run("MATCH (n:Venue {code: 'V1'}) DETACH DELETE n")
    await site.graph.run("MATCH (n:Venue {code: 'V2'}) SET n.name = 'x'")
    await site.graph.run("MATCH (:Venue {code: 'V3'})-[r:OPERATED_BY]->() DELETE r")
    await site.graph.run("CREATE (:Record:Venue {code: 'V9'})")
    await site.graph.run("CREATE (:Record {code: '?'})")
    result = await check_graph(site.postgres, site.graph, CATALOG)
    assert not result.equal
    venue = next(d for d in result.differences if d.type == "Venue")
    assert (venue.missing, venue.extra, venue.unequal) == (["V1"], ["V9"], ["V2", "V3"])
    assert "?" in result.differing
    assert "Venue-OPERATED_BY->Firm" in result.differing


async def test_statements_use_indexes(site: Site) -> None:
    """Every MATCH of the write statements seeks by a unique index; none is held up by Eager."""
    for name in type_order(CATALOG):
        writer = GraphWriter(CATALOG).types[name]
        texts = [writer.create(writer.inline), writer.create(()), writer.replace]
        texts += [writer.relate(edge) for edge in writer.entity.edges]
        for text in texts:
            async with site.graph.transaction() as transaction:
                result = await transaction.run("EXPLAIN " + text, {"rows": []})
                plan = str((await result.consume()).plan)
            assert "NodeByLabelScan" not in plan, text
            assert "AllNodesScan" not in plan, text
            if text.startswith("UNWIND $rows AS r CREATE"):
                assert "Eager" not in plan, text
