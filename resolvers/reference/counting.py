"""`statistics`: groups counted one record at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

from resolvers.catalog import Edge, Entity, Field, snake
from resolvers.errors import BadInput
from resolvers.reference.context import Info, RequestContext, context_of, unwrapped
from resolvers.reference.enums import enum_of, member
from resolvers.reference.records import Node

Group = tuple[str | None, str | None]
"""What records have in common: a value or code, and the name of what has that code."""


async def statistics(_: Any, info: Info, **args: Any) -> list[dict[str, Any]]:
    """Counts of the live records of a type by what they have in common."""
    names = enum_of(info, "StatisticsBy")
    context = context_of(info)
    given = unwrapped(args)
    entity, within = context.catalog[given["of"]], given.get("within")
    context.may_read(entity.name, "statistics")
    dimensions = list(dict.fromkeys(given["by"]))
    counts: Counter[tuple[Group, ...]] = Counter()
    for node in await context.records.every(entity.name):
        if node.get("retired_at") is not None:
            continue
        above = await context.records.above(context.catalog, node)
        if within is not None and not any(each.code in within for each in above):
            continue
        groups = [await _group(context, entity, node, above, by) for by in dimensions]
        counts[tuple(groups)] += 1
    return [
        {
            "count": count,
            "keys": [
                {"by": member(names, by), "value": value, "name": name}
                for by, (value, name) in zip(dimensions, groups, strict=True)
            ],
        }
        for groups, count in sorted(counts.items(), key=_rank)
    ]


def _rank(item: tuple[tuple[Group, ...], int]) -> Any:
    groups, count = item
    return -count, [(value is None, value) for value, _ in groups]


async def _group(
    context: RequestContext, entity: Entity, node: Node, above: list[Node], by: str
) -> Group:
    part = _dimension(context, entity, by)
    if isinstance(part, Field):
        value = node.get(part.prop)
        return str(value).lower() if isinstance(value, bool) else value, None
    if isinstance(part, Edge):
        far = await context.records.targets(node, part.relationship)
    else:
        far = [each for each in above if each.type == part.name]
    return (far[0].code, far[0].get("name")) if far else (None, None)


def _dimension(context: RequestContext, entity: Entity, by: str) -> Field | Edge | Entity:
    """What counts by a name: a field, an edge, or a kind of division it lies in."""
    parts: tuple[Field | Edge, ...] = (*entity.all_fields, *entity.edges)
    for part in parts:
        if part.dimension and snake(part.name).upper() == by:
            return part
    division = next((each for each in context.catalog.divisions if each.name.upper() == by), None)
    if division is not None:
        lower = (entity.level or 0) > (division.level or 0)
        if lower or entity.located or entity.chains:
            return division
    raise BadInput(f"statistics of {entity.name} cannot be counted by {by}")
