"""Mutations' commands: one record at a time, by several people at once."""

import asyncio

import pytest

from resolvers.changes import Changed
from resolvers.errors import (
    AlreadyExists,
    BadInput,
    CodeInvalid,
    Conflict,
    CoordinatesInvalid,
    HubError,
    InUse,
    MutationIdReused,
    NotFound,
    PolygonInvalid,
    Retired,
    UnknownReference,
)
from resolvers.history import history
from resolvers.model import CATALOG
from tests.integration.writes.conftest import ANNE, BEN, Site
from tests.small_district import WEST, batches, firm_code, grid_code

VENUE = CATALOG["Venue"]
NEW = {"name": "天山茶庄", "kind": "SHOP"}


async def load(site: Site, size: int = 5) -> None:
    for batch in batches(size):
        assert not (await site.writer().write(batch)).rejections


async def test_create_update_retire(site: Site) -> None:
    """A record's life, as the graph and its history tell it."""
    await load(site)
    changes = site.changes()
    made = await changes.create(
        VENUE, "V-NEW", {**NEW, "location": [WEST + 0.005, 36.005]}, {"operator": firm_code(1)},
        caller=ANNE, reason="opened",
    )  # fmt: skip
    assert (made.version, made.status) == (1, "APPLIED")
    text = (
        "MATCH (n:Venue {code: 'V-NEW'})-[:IN]->(g) OPTIONAL MATCH (n)-[:OPERATED_BY]->(f) "
        "RETURN n.name, n.version, g.code, f.code, n.retired_at IS NULL, n.source"
    )
    assert await site.graph.run(text) == [["天山茶庄", 1, grid_code(0), firm_code(1), True, "api"]]
    moved = {"location": {"longitude": WEST + 0.015, "latitude": 36.005}, "name": "天山茶莊"}
    changed = await changes.update(
        VENUE, "V-NEW", moved, {"operator": None}, expected_version=1, caller=BEN
    )
    assert (changed.version, changed.position) == (2, made.position + 1)
    assert await site.graph.run(text) == [["天山茶莊", 2, grid_code(1), None, True, "api"]]
    gone = await changes.retire(VENUE, "V-NEW", expected_version=2, caller=ANNE, reason="closed")
    assert gone.version == 3
    assert await site.graph.run(text) == [["天山茶莊", 3, grid_code(1), None, False, "api"]]
    with pytest.raises(Retired):
        await changes.update(VENUE, "V-NEW", NEW, {}, expected_version=3, caller=ANNE)
    all_of_it, one = ("Venue", "V-NEW", 5, None), ("Venue", "V-NEW", 1, 3)
    found = await history(site.postgres, [all_of_it, one, ("Venue", "V0", 5, None)])
    told = found[all_of_it]
    assert [(h["version"], h["operation"], h["actor"], h["reason"]) for h in told] == [
        (3, "RETIRED", "anne", "closed"),
        (2, "UPDATED", "ben", None),
        (1, "CREATED", "anne", "opened"),
    ]
    assert told[2]["before"] is None
    assert told[1]["before"]["edges"]["operator"] == firm_code(1)
    assert "operator" not in told[1]["after"]["edges"]
    assert [h["version"] for h in found[one]] == [2]
    await site.check()


@pytest.mark.parametrize(
    ("values", "edges", "error", "field"),
    [
        ({"kind": "SHOP"}, {}, BadInput, "name"),
        ({**NEW, "kind": "CASTLE"}, {}, BadInput, "kind"),
        ({**NEW, "kind": ["SHOP"]}, {}, BadInput, "kind"),
        ({**NEW, "name": 5}, {}, BadInput, "name"),
        ({**NEW, "name": "a\0b"}, {}, BadInput, "name"),
        ({**NEW, "floor_area": float("inf")}, {}, BadInput, "floorArea"),
        ({**NEW, "location": [36.0, 120.0]}, {}, CoordinatesInvalid, "location"),
        ({**NEW, "location": [10.0, 10.0]}, {}, CoordinatesInvalid, "location"),
        ({**NEW, "location": [500.0, 10.0]}, {}, CoordinatesInvalid, "location"),
        (NEW, {"operator": "nobody"}, UnknownReference, "operator"),
        ({**NEW, "version": 7}, {}, BadInput, "version"),
    ],
)
async def test_bad_values_are_named(
    site: Site, values: dict[str, object], edges: dict[str, str], error: type[HubError], field: str
) -> None:
    await load(site)
    with pytest.raises(error) as caught:
        await site.changes().create(VENUE, "V-NEW", values, edges, caller=ANNE)
    assert caught.value.details["field"] == field


async def test_bad_codes_dates_and_shapes(site: Site) -> None:
    changes = site.changes()
    firm, grid, licence = CATALOG["Firm"], CATALOG["Grid"], CATALOG["Licence"]
    with pytest.raises(CodeInvalid):
        await changes.create(firm, "91370202000000000X", {"name": "x"}, {}, caller=ANNE)
    ring = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    bow = {"type": "Polygon", "coordinates": [ring]}
    with pytest.raises(PolygonInvalid):
        await changes.create(
            grid, grid_code(0), {"name": "x", "boundary": bow}, {"community": "1"}, caller=ANNE
        )
    with pytest.raises(BadInput, match="issuedOn"):
        await changes.create(
            licence,
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
            {"name": "x", "status": "VALID", "issued_on": "2023-02-30"},
            {"kind": "01"},
            caller=ANNE,
        )


async def test_two_writers_of_one_record(site: Site) -> None:
    """One wins; the other is told both versions, field by field."""
    await load(site)
    changes = site.changes()
    results = await asyncio.gather(
        changes.update(VENUE, "V1", {"name": "甲"}, {}, expected_version=1, caller=ANNE),
        changes.update(
            VENUE, "V1", {"name": "乙", "floor_area": 9}, {}, expected_version=1, caller=BEN
        ),
        return_exceptions=True,
    )
    won = next(r for r in results if isinstance(r, Changed))
    lost = next(r for r in results if isinstance(r, Conflict))
    assert won.version == 2
    assert (lost.details["yourVersion"], lost.details["theirVersion"]) == (1, 2)
    names = {"甲", "乙"}
    told = lost.details["fields"]["name"]
    assert told["base"] == "便利店1"
    assert {told["theirs"], told["yours"]} == names
    assert "floorArea" in lost.details["fields"]
    await site.check()


async def test_same_code_created_twice_at_once(site: Site) -> None:
    changes = site.changes()
    results = await asyncio.gather(
        *(changes.create(VENUE, "V-TWICE", NEW, {}, caller=ANNE) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(r, Changed) for r in results) == 1
    assert sum(isinstance(r, AlreadyExists) for r in results) == 4


async def test_retry_with_the_same_mutation_id(site: Site) -> None:
    """Sent five times at once and once more later: made once, answered alike."""
    changes = site.changes()
    answers = await asyncio.gather(
        *(
            changes.create(VENUE, "V-ONCE", NEW, {}, caller=ANNE, client_mutation_id="m1")
            for _ in range(5)
        )
    )
    again = await changes.create(VENUE, "V-ONCE", NEW, {}, caller=ANNE, client_mutation_id="m1")
    assert {*answers, again} == {Changed("Venue", "V-ONCE", 1, 1, "APPLIED")}
    with pytest.raises(MutationIdReused):
        await changes.create(VENUE, "V-OTHER", NEW, {}, caller=ANNE, client_mutation_id="m1")
    mine = await changes.create(VENUE, "V-OTHER", NEW, {}, caller=BEN, client_mutation_id="m1")
    assert mine.position == 2, "ids are each caller's own"


async def test_update_that_changes_nothing(site: Site) -> None:
    changes = site.changes()
    made = await changes.create(VENUE, "V-SAME", NEW, {}, caller=ANNE)
    same = await changes.update(VENUE, "V-SAME", NEW, {}, expected_version=1, caller=ANNE)
    assert same == made


async def test_what_is_referred_to_stays(site: Site) -> None:
    await load(site)
    changes = site.changes()
    with pytest.raises(InUse) as caught:
        await changes.retire(CATALOG["Firm"], firm_code(2), expected_version=1, caller=ANNE)
    users = {u["type"]: (u["count"], u["examples"]) for u in caught.value.details["users"]}
    assert users["Venue"] == (1, ["V2"])
    assert users["Licence"][0] == 1
    with pytest.raises(NotFound):
        await changes.retire(VENUE, "nowhere", expected_version=1, caller=ANNE)


async def test_retire_and_create_at_once(site: Site) -> None:
    """Either the firm is retired, or the venue refers to it: never both."""
    changes = site.changes()
    firm = CATALOG["Firm"]
    for i in range(8):
        await changes.create(firm, firm_code(i), {"name": "f"}, {}, caller=ANNE)
        retired, made = await asyncio.gather(
            changes.retire(firm, firm_code(i), expected_version=1, caller=ANNE),
            changes.create(VENUE, f"V-{i}", NEW, {"operator": firm_code(i)}, caller=BEN),
            return_exceptions=True,
        )
        assert isinstance(retired, Changed) != isinstance(made, Changed), (retired, made)
        assert isinstance(retired, Changed | InUse)
        assert isinstance(made, Changed | Retired)
    await site.check()


async def test_logged_when_nobody_projects(quiet_site: Site) -> None:
    """Without a projector a write is on record; retiring asks the log."""
    changes = quiet_site.changes(wait_seconds=0.2)
    firm = CATALOG["Firm"]
    made = await changes.create(firm, firm_code(1), {"name": "f"}, {}, caller=ANNE)
    assert made.status == "LOGGED"
    await changes.create(VENUE, "V1", NEW, {"operator": firm_code(1)}, caller=ANNE)
    with pytest.raises(InUse) as caught:
        await changes.retire(firm, firm_code(1), expected_version=1, caller=ANNE)
    assert caught.value.details["users"] == [{"type": "Venue", "count": 1, "examples": ["V1"]}]
    await quiet_site.start_projector()
    await quiet_site.check()
