"""San Francisco as a second district, beside the first."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from hub.stores import Stores
from tests.integration.load.conftest import Load

SHARED = Path(__file__).parents[4] / "shared" / "data" / "san_francisco"

pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="needs ../shared/data/san_francisco, which is not here"
)


async def test_two_districts_side_by_side(
    stores: Stores, tiny: Path, tmp_path: Path, load: Load
) -> None:
    first = await load(tiny)
    assert first.total("rejected") == 0
    summary = await load(SHARED, "san-francisco")
    assert summary.total("rows") == 8_809
    assert summary.reasons == {
        "BAD_VALUE": 119,  # REQUESTED is an application, not a licence
        "DUPLICATE_KEY": 15,
        "MISSING_VALUE": 3,
        "OUTSIDE_DISTRICT": 2,
    }
    with (tmp_path / "rejects.csv").open(encoding="utf-8") as file:
        assert Counter(row["code"] for row in csv.DictReader(file)) == summary.reasons
    zones = await stores.graph.run("MATCH (d:District) RETURN d.code, d.time_zone ORDER BY d.code")
    assert zones == [["06075", "America/Los_Angeles"], ["370202", "Asia/Shanghai"]]


async def test_venues_stand_in_the_neighbourhood_that_holds_them(stores: Stores) -> None:
    placed = await stores.graph.run(
        "MATCH (v:Venue) WHERE v.code STARTS WITH 'SF-' AND v.location IS NOT NULL "
        "OPTIONAL MATCH (v)-[:IN]->(g:Grid) RETURN count(v), count(g)"
    )
    assert placed[0][0] == placed[0][1] > 4_000
    strays = await stores.graph.run(
        "MATCH (v:Venue)-[:IN]->(g:Grid) "
        "WHERE (v.code STARTS WITH 'SF-') <> (g.code STARTS WITH '06075') RETURN count(*)"
    )
    assert strays == [[0]]
    ferry = await stores.graph.run(
        "MATCH (v:Venue {code: 'SF-MFF-1569152'})-[:IN]->(g:Grid)-[:IN]->(c:Community)"
        "-[:IN]->(s:Subdistrict)-[:IN]->(d:District) RETURN c.name, s.name, d.name"
    )
    assert ferry == [["North Beach", "San Francisco", "San Francisco"]]


async def test_missing_coordinates_load_without_a_grid(stores: Stores) -> None:
    nowhere = await stores.graph.run(
        "MATCH (v:Venue) WHERE v.code STARTS WITH 'SF-MFF-' AND v.location IS NULL "
        "AND NOT (v)-[:IN]->() RETURN count(v)"
    )
    assert nowhere == [[33]]


async def test_permits_are_licences_without_a_uscc(stores: Stores) -> None:
    found = await stores.graph.run(
        "MATCH (l:Licence)-[:COVERS]->(v:Venue) WHERE l.code STARTS WITH 'SF-MFF-' "
        "RETURN l.status, count(*) ORDER BY l.status"
    )
    assert found == [["EXPIRED", 107], ["SUSPENDED", 25], ["VALID", 237]]


async def test_repeating_changes_nothing(load: Load) -> None:
    summary = await load(SHARED, "san-francisco")
    assert (summary.total("created"), summary.total("updated")) == (0, 0)
