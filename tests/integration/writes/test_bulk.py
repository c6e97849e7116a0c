"""Batches of rows: what is rejected, what is new, what is the same."""

import pytest

from resolvers.bulk import BulkRow
from resolvers.model import CATALOG
from resolvers.placement import NEAREST_GRID
from tests.integration.writes.conftest import ANNE, Site
from tests.small_district import WEST, batches, firm_code, grid_code

LICENCE = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


def row(
    type_name: str, code: str, edges: dict[str, object] | None = None, /, **fields: object
) -> BulkRow:
    return BulkRow(CATALOG[type_name], code, fields, edges or {}, ref=f"{type_name} {code}")


async def test_repeat_makes_nothing(site: Site) -> None:
    writer = site.writer()
    for batch in batches(60, 100):
        await writer.write(batch)
    assert (writer.total.created, writer.total.unchanged) == (325, 0)
    assert not writer.total.rejections
    before = await site.check()
    again = site.writer()
    for batch in batches(60, 77):
        await again.write(batch)
    assert (again.total.created, again.total.updated, again.total.unchanged) == (0, 0, 325)
    after = await site.check()
    assert (after.position, after.graph.content) == (before.position, before.graph.content)


async def test_bad_rows_do_not_hold_up_good_ones(site: Site) -> None:
    for batch in batches(3):
        await site.writer().write(batch)
    await site.changes().create(
        CATALOG["Department"], "D-OLD", {"name": "x", "kind": "OTHER"}, {}, caller=ANNE
    )
    await site.changes().retire(CATALOG["Department"], "D-OLD", expected_version=1, caller=ANNE)
    shop = {"name": "n", "kind": "SHOP"}
    result = await site.writer().write(
        [
            row("Venue", "OK", {"operator": firm_code(1)}, **shop),
            row("Venue", "OK", **shop),
            row("Venue", "V-FIRM", {"operator": "?"}, **shop),
            row("Venue", "V-KIND", name="n", kind="CASTLE"),
            row("Venue", "V-NAME", kind="SHOP"),
            row("Venue", "V-FAR", location=[WEST - 1, 36.0], **shop),
            row("Firm", "91370202000000000X", name="n"),
            row("Department", "D-OLD", name="y", kind="OTHER"),
            row("LicenceKind", "90", {"issuer": "D-OLD"}, name="k"),
            # one that refers to a rejected row of the same batch goes with it
            row("LicenceKind", "91", {"issuer": "?"}, name="k"),
            row("Licence", LICENCE, {"kind": "91"}, name="l", status="VALID"),
            row("Grid", "370202001001009", {"community": "370202001001"}, name="no boundary"),
        ]
    )  # fmt: skip
    told = {(r.ref.split()[1][:8], r.code, r.field) for r in result.rejections}
    assert told == {
        ("OK", "ALREADY_EXISTS", "code"),
        ("V-FIRM", "UNKNOWN_REFERENCE", "operator"),
        ("V-KIND", "BAD_USER_INPUT", "kind"),
        ("V-NAME", "BAD_USER_INPUT", "name"),
        ("V-FAR", "COORDINATES_INVALID", "location"),
        ("91370202", "CODE_INVALID", "code"),
        ("D-OLD", "RETIRED", "code"),
        ("90", "RETIRED", "issuer"),
        ("91", "UNKNOWN_REFERENCE", "issuer"),
        ("1.2.156.", "UNKNOWN_REFERENCE", "kind"),
    }
    assert result.created == 2
    await site.check()


async def test_rows_are_laid_over_what_is_there(site: Site) -> None:
    """Absent columns stay, None clears, another source alone is no change."""
    for batch in batches(3):
        await site.writer().write(batch)
    bare = [row("Venue", "V1", name="便利店1", kind="SHOP")]
    same = await site.writer(source="register").write(bare)
    assert (same.unchanged, same.updated) == (1, 0)
    change = row("Venue", "V1", {"building": None}, name="新名", floor_area=None)
    assert (await site.writer(source="register").write([change])).updated == 1
    rows = await site.postgres.fetch(
        "select fields, edges from entity_versions where code = 'V1' and to_position is null"
    )
    fields, edges = rows[0]
    assert (fields["name"], fields["source"], fields["kind"]) == ("新名", "register", "SHOP")
    assert "floor_area" not in fields
    assert "building" not in edges
    assert edges["operator"] == firm_code(1)
    await site.projector.catch_up((await site.check()).position)


async def test_placing(site: Site) -> None:
    """Grids come before what stands in them, even within one call; flags follow the location."""
    everything = [item for batch in batches(3) for item in batch]
    near = row("Venue", "NEAR", name="n", kind="SHOP", location=[WEST + 0.005, 36.0 - 0.001])
    result = await site.writer().write([*everything, near])
    assert not result.rejections
    text = "MATCH (n:Venue {code: 'NEAR'})-[:IN]->(g) RETURN g.code, n.flags"
    await site.projector.catch_up(result.position)
    assert await site.graph.run(text) == [[grid_code(0), [NEAREST_GRID]]]
    inside = row("Venue", "NEAR", location=[WEST + 0.015, 36.005])
    result = await site.writer().write([inside])
    await site.projector.catch_up(result.position)
    assert await site.graph.run(text) == [[grid_code(1), []]]
    result = await site.writer().write([row("Venue", "NEAR", location=None)])
    await site.projector.catch_up(result.position)
    assert await site.graph.run(text) == []


@pytest.mark.parametrize("each", [1, 7, 5000])
async def test_batch_size_does_not_matter(site: Site, each: int) -> None:
    writer = site.writer()
    for batch in batches(4, each):
        await writer.write(batch)
    found = (await site.check()).graph.content
    assert CONTENT.setdefault("content", found) == found


CONTENT: dict[str, str] = {}
