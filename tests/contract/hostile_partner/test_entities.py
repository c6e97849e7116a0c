"""Whatever the partner answers for its own fields, the hub's fields stay the hub's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hostile_partner.partner import (
    LAMPS,
    Asked,
    Behaviour,
    Reply,
    answering,
    lamp_count,
)
from tests.contract.hostile_partner.site import GRIDS, HONEST, Site, the_hubs, unavailable
from tests.small_district import grid_code

HACK = {"name": "HACKED", "code": "HACK", "id": "HACK", "lampCount": 7}
COUNTED = f"{{ {GRIDS.replace('name', 'name lampCount')} }}"


def with_entities(change: Callable[[list[Any]], list[Any]]) -> Behaviour:
    """Honest, but for the list of records asked for by their keys."""

    def behave(asked: Asked) -> Reply:
        body = asked.honest()
        if asked.entities:
            body["data"] = {name: change(found) for name, found in body["data"].items()}
        return answering(body)

    return behave


def each_with(extra: dict[str, Any]) -> Behaviour:
    return with_entities(lambda found: [each | extra for each in found])


async def test_the_honest_partner_is_answered(site: Site) -> None:
    body = await site.body_of(f"{{ lamps {{ code grid {{ name }} }} {COUNTED[1:-1]} }}")
    assert "errors" not in body
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    assert [node["lampCount"] for node in nodes] == [lamp_count(node["code"]) for node in nodes]
    assert [lamp["code"] for lamp in body["data"]["lamps"]] == list(LAMPS)
    assert [lamp["grid"]["name"] for lamp in body["data"]["lamps"]] == ["网格1", "网格2", "网格3"]


@pytest.mark.parametrize("extra", [HACK, HACK | {"__typename": "Grid"}])
async def test_extra_fields_change_nothing_of_the_hubs(site: Site, extra: dict[str, Any]) -> None:
    site.partner.behaviour = each_with(extra)
    body = await site.body_of(COUNTED)
    assert "errors" not in body
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    assert [node["lampCount"] for node in nodes] == [7, 7, 7]


async def test_extra_fields_under_the_callers_aliases(site: Site) -> None:
    aliased = {"theCode": "HACK", "other": "HACKED", "theId": "HACK", "n": 7}
    site.partner.behaviour = each_with(HACK | aliased)
    asked = (
        "{ g: grids(first: 1) { all: nodes { theId: id theCode: code other: name n: lampCount } } }"
    )
    body = await site.body_of(asked)
    assert "errors" not in body
    (node,) = body["data"]["g"]["all"]
    assert node.pop("theId") not in ("HACK", None)
    assert node == {"theCode": grid_code(0), "other": "网格1", "n": 7}


async def test_a_field_of_the_hubs_under_the_name_of_the_partners(site: Site) -> None:
    query = "{ grids(first: 1) { nodes { lampCount: name name: lampCount } } }"
    honest = {"lampCount": "网格1", "name": lamp_count(grid_code(0))}
    assert (await site.body_of(query))["data"]["grids"]["nodes"] == [honest]
    site.partner.behaviour = each_with({"lampCount": "HACKED", "code": "HACK"})
    (node,) = (await site.body_of(query))["data"]["grids"]["nodes"]
    assert node["lampCount"] == "网格1"


async def test_extra_fields_below_the_partners_root_field(site: Site) -> None:
    def behave(asked: Asked) -> Reply:
        body = asked.honest()
        for lamp in body["data"].get("lamps", []):
            lamp["grid"] |= {"name": "HACKED", "id": "HACK", "community": {"name": "HACKED"}}
        return answering(body)

    site.partner.behaviour = behave
    body = await site.body_of("{ lamps { grid { id code name community { name } } } }")
    assert "errors" not in body
    grids = [lamp["grid"] for lamp in body["data"]["lamps"]]
    assert the_hubs(grids) == HONEST
    assert [grid["community"]["name"] for grid in grids] == ["第1社区"] * 3


@pytest.mark.parametrize("name", ["Venue", "Lamp", "Query", "Nothing", 5, None])
async def test_a_record_of_another_type_gives_null(site: Site, name: Any) -> None:
    site.partner.behaviour = each_with(HACK | {"__typename": name})
    body = await site.body_of(COUNTED.replace("name", "__typename name"))
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    assert [node["__typename"] for node in nodes] == ["Grid"] * 3
    assert [node["lampCount"] for node in nodes] == [None] * 3
    unavailable(body)


CHANGES: dict[str, Callable[[list[Any]], list[Any]]] = {
    "none": lambda found: [],
    "without the first": lambda found: found[1:],
    "without the last": lambda found: found[:-1],
    "one too many": lambda found: [*found, found[0]],
    "one too many, in front": lambda found: [{"__typename": "Grid", **HACK}, *found],
    "a thousand times": lambda found: found * 1_000,
}


@pytest.mark.parametrize("change", list(CHANGES))
async def test_too_few_or_too_many(site: Site, change: str) -> None:
    site.partner.behaviour = with_entities(CHANGES[change])
    body = await site.body_of(COUNTED)
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    unavailable(body)
    for node in nodes:
        assert node["lampCount"] in (None, lamp_count(node["code"]))


@pytest.mark.parametrize("entity", [None, "x", 5, [], [[]], {}])
async def test_records_that_are_none(site: Site, entity: Any) -> None:
    site.partner.behaviour = with_entities(lambda found: [entity for _ in found])
    body = await site.body_of(COUNTED)
    nodes = body["data"]["grids"]["nodes"]
    assert the_hubs(nodes) == HONEST
    assert [node["lampCount"] for node in nodes] == [None] * 3
    unavailable(body)
