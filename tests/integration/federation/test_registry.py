"""The registry on a real PostgreSQL: versions, two stewards at once, new releases, kills."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from graphql import build_schema
from structlog.testing import capture_logs

from hub.federation import registry as registry_module
from hub.federation.errors import ComposerUnavailable
from hub.federation.registry import Registry
from hub.federation.subgraph import own_subgraphs
from hub.federation.submission import Submission
from resolvers.errors import StoreUnavailable
from resolvers.stores import operations
from resolvers.stores.operations import Sighting
from resolvers.stores.postgres import Postgres
from tests.integration.federation.conftest import Site
from tests.subgraph_for_tests import LAMPS, LINK, PartnerServer, partner_server

OTHER = LINK + 'type Query { post: Post }\ntype Post @key(fields: "code") { code: String! }\n'
ON_LAMPS = (
    LINK
    + """
type Post { lamp: Lamp }
type Query { post: Post }
type Lamp @key(fields: "code") { code: String! post: Post }
"""
)
"""Another partner's, which extends lamps."""


def lamps(server: PartnerServer, text: str = LAMPS) -> Submission:
    server.sdl = text
    return Submission("lamps", server.url, text)


async def rows(site: Site) -> tuple[int, int]:
    """How many supergraphs and versions of partners there are."""
    one = await site.postgres.fetchval("select count(*) from supergraphs")
    return one, await site.postgres.fetchval("select count(*) from partner_versions")


async def test_before_anything_is_registered(site: Site) -> None:
    registry = site.registry()
    assert await registry.version() is None
    assert await registry.partners() == []
    first = await registry.current()
    assert (first.version, first.partners) == (1, ())
    assert "join__Graph" in first.supergraph
    assert "join__" not in first.api
    assert {"Grid", "Venue"} <= build_schema(first.api).type_map.keys()
    assert await registry.current() == await site.registry().current() == first
    assert await registry.version() == 1


async def test_many_processes_start_at_once(site: Site) -> None:
    found = await asyncio.gather(*(site.registry().current() for _ in range(4)))
    assert {each.version for each in found} == {1}
    assert await rows(site) == (1, 0)


async def test_a_partners_life(site: Site, server: PartnerServer) -> None:
    registry = site.registry()
    report = await registry.add(lamps(server), by="anne", reason="street lamps")
    assert (report.problems, report.version) == ((), 1)
    supergraph = await registry.current()
    assert (supergraph.version, supergraph.partners) == (1, ("lamps",))
    assert "lamps" in build_schema(supergraph.api).type_map["Grid"].fields  # type: ignore[attr-defined]
    assert server.url in supergraph.supergraph

    again = await registry.add(lamps(server), by="ben")
    assert (again.unchanged, again.version) == (True, None)
    assert (await registry.check(lamps(server))).unchanged
    assert await rows(site) == (1, 1)

    more = LAMPS.replace("watts: Int\n  kind", "watts: Int\n  lux: Int\n  kind")
    report = await registry.add(Submission("lamps", None, lamps(server, more).text), by="ben")
    assert (report.version, report.added, report.removed) == (2, ("Lamp.lux",), ())
    (partner,) = await registry.partners()
    assert (partner.name, partner.url, partner.sdl) == ("lamps", server.url, more)
    assert (partner.version, partner.added_by) == (2, "anne")
    told = [(v.operation, v.actor, v.reason, v.supergraph) for v in partner.versions]
    assert told == [("ADDED", "anne", "street lamps", 1), ("REPLACED", "ben", None, 2)]

    report = await registry.remove("lamps", by="ben", reason="gone")
    assert (report.version, report.problems) == (3, ())
    assert "Lamp" in report.removed
    assert (await registry.current()).partners == ()
    assert await registry.partners() == []
    gone = await registry.remove("lamps", by="ben")
    assert "no partner is called 'lamps'" in gone.problems[0].message

    await registry.add(lamps(server), by="cora")
    (partner,) = await registry.partners()
    assert (partner.version, partner.added_by, len(partner.versions)) == (4, "cora", 4)


async def test_nothing_changes_on_refusal(site: Site, server: PartnerServer) -> None:
    registry = site.registry()
    await registry.add(lamps(server), by="anne")
    before = await registry.current(), await registry.partners(), await rows(site)
    for text in (LAMPS.replace("[Lamp!]", "[Lamp!]!"), "type Query {", LINK, ""):
        report = await registry.add(lamps(server, text), by="ben", accept_breaking=True)
        assert report.problems
        assert report.version is None
    assert not (await registry.add(Submission("places", server.url, LAMPS), by="b")).passes()
    assert (await registry.current(), await registry.partners(), await rows(site)) == before


async def test_another_partner_needs_it(site: Site, server: PartnerServer) -> None:
    registry = site.registry()
    await registry.add(lamps(server), by="anne")
    with partner_server(ON_LAMPS) as other:
        report = await registry.add(Submission("posts", other.url, ON_LAMPS), by="ben")
        assert report.version == 2
    update = await registry.add(lamps(server, LAMPS.replace("  watts: Int\n", "")), by="a")
    assert update.problems == ()
    changed = LAMPS.replace('@key(fields: "code") {\n  code: String!\n  watts', "{\n  watts")
    changed = changed.replace("  watts: Int", "  code: String @shareable\n  watts: Int")
    assert (await registry.add(lamps(server, changed), by="a")).problems
    assert (await registry.current()).partners == ("lamps", "posts")


async def test_two_stewards_at_once(site: Site, server: PartnerServer) -> None:
    """Two that do not go together: one is stored, the other refused; versions have no gaps."""
    with partner_server(OTHER) as one, partner_server(OTHER) as two, partner_server() as three:
        reports = await asyncio.gather(
            site.registry().add(Submission("ours", one.url, OTHER), by="anne"),
            site.registry().add(Submission("theirs", two.url, OTHER), by="ben"),
            site.registry().add(Submission("lamps", three.url, LAMPS), by="cora"),
        )
    stored = [report for report in reports if report.version]
    (refused,) = (report for report in reports if not report.version)
    assert sorted(report.version or 0 for report in stored) == [1, 2]
    assert any("the root field post belongs to" in each.message for each in refused.problems)
    assert len((await site.registry().current()).partners) == 2


async def test_killed_in_the_middle(site: Site, server: PartnerServer, tmp_path: Path) -> None:
    registry = site.registry()
    await registry.add(lamps(server), by="anne")
    before = await registry.current()
    more = LAMPS.replace("watts: Int\n  kind", "watts: Int\n  lux: Int\n  kind")
    (tmp_path / "lamps.graphql").write_text(lamps(server, more).text)
    holder = await asyncpg.connect(site.at.postgres_owner_dsn)
    try:
        # The supergraph is written, the partner's version waits for us: then the process dies.
        held = holder.transaction()
        await held.start()
        await holder.execute("lock table partner_versions in share mode")
        process = await asyncio.create_subprocess_exec(
            *site.command("add", tmp_path / "lamps.graphql", "--name", "lamps"),
            env=site.environment,
        )
        waiting = (
            "select count(*) from pg_locks where not granted "
            "and relation = 'partner_versions'::regclass"
        )
        async with asyncio.timeout(60):
            while not await holder.fetchval(waiting):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await held.rollback()
    finally:
        await holder.close()
    assert await registry.current() == before
    async with asyncio.timeout(30):
        report = await registry.add(lamps(server, more), by="ben")
    assert report.version == 2


async def test_a_new_release(
    site: Site, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its subgraphs are others: composed anew with all partners; one that conflicts is named."""
    await site.registry().add(lamps(server), by="anne")
    moved = site.registry(subgraph_port=5001)
    second = await moved.current()
    assert (second.version, second.partners) == (2, ("lamps",))
    assert "http://127.0.0.1:5001/graphql" in second.supergraph
    assert await moved.current() == second

    def released(*_: object) -> tuple[object, ...]:
        one, *rest = own_subgraphs(site.settings)
        taken = one.sdl.replace("type Query {", "type Query {\n  lamp(code: Int): Int\n", 1)
        return (replace(one, sdl=taken), *rest)

    monkeypatch.setattr(registry_module, "own_subgraphs", released)
    newer = site.registry()
    with capture_logs() as logs:
        assert await newer.current() == second
        assert await newer.current() == second
    (entry,) = logs
    assert entry["log_level"] == "error"
    assert "lamp" in entry["conflicts"][0]
    assert "lamps" in entry["conflicts"][0]
    assert await rows(site) == (2, 1)
    report = await newer.remove("lamps", by="anne")
    assert report.version == 3
    assert (await newer.current()).partners == ()


async def see(site: Site, text: str, fields: tuple[str, ...], days: int, times: int = 3) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    name = text.split("{")[0].removeprefix("query ").strip() or None
    hashed = text.encode().ljust(32)[:32]
    await operations.record(
        site.postgres, [Sighting(hashed, name, text, fields, at.date(), times, at, at)]
    )


async def test_what_would_break(site: Site, server: PartnerServer) -> None:
    registry = site.registry()
    await registry.add(lamps(server), by="anne")
    await see(site, "query Watts { lamps { watts } }", ("Lamp.watts", "Query.lamps"), 29)
    await see(site, "query Watts { lamps { watts } }", ("Lamp.watts", "Query.lamps"), 2, times=4)
    await see(site, 'query Old { lamp(code: "") { watts } }', ("Lamp.watts", "Query.lamp"), 31)
    await see(site, "{ lamps { code } }", ("Lamp.code", "Query.lamps"), 1)
    less = LAMPS.replace("watts: Int\n  kind", "power: Int\n  kind")
    before = await rows(site)
    report = await registry.add(lamps(server, less), by="ben")
    (broken,) = report.breaks
    assert (broken.name, broken.times, broken.fields) == ("Watts", 7, ("Lamp.watts",))
    assert "Cannot query field 'watts' on type 'Lamp'" in broken.reason
    assert (report.version, await rows(site)) == (None, before)
    report = await registry.add(lamps(server, less), by="ben", accept_breaking=True)
    assert (report.version, len(report.breaks)) == (2, 1)

    report = await registry.remove("lamps", by="ben")
    assert [each.name for each in report.breaks] == [None], "what was broken before is not told"
    assert report.version is None
    assert (await registry.remove("lamps", by="ben", accept_breaking=True)).version == 3


async def test_node_is_missing(
    site: Site, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = site.registry()
    first = await registry.current()
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ComposerUnavailable, match="Node, which composes subgraphs, is not"):
        await registry.add(lamps(server), by="anne")
    with capture_logs() as logs:
        assert await site.registry(subgraph_port=5001).current() == first
    assert logs[0]["log_level"] == "error"


async def test_postgres_is_away_or_empty(site: Site) -> None:
    away = await Postgres.open("postgresql://hub:x@127.0.0.1:1/hub")
    for call in (Registry(away, site.settings).current, Registry(away, site.settings).version):
        with pytest.raises(StoreUnavailable):
            await call()
    await away.close()
    template = site.at.postgres_service_dsn.rpartition("/")[0] + "/postgres"
    bare = await Postgres.open(template)
    assert await Registry(bare, site.settings).version() is None
    with pytest.raises(StoreUnavailable, match="no tables of the federation yet"):
        await Registry(bare, site.settings).current()
    await bare.close()
