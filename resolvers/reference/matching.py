"""Filters in plain Python. Two-valued: what has no value matches nothing, and `not` is the exact
opposite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from shapely.geometry import Point, Polygon

from resolvers.catalog import Catalog
from resolvers.reference.records import Node, Records

EARTH_METRES = 6_378_140.0
"""Radius of the sphere on which the graph measures distances between WGS 84 points."""


class Matcher:
    """Tells whether records match filters."""

    def __init__(self, catalog: Catalog, records: Records) -> None:
        self._catalog = catalog
        self._records = records

    async def matches(self, node: Node, given: Mapping[str, Any] | None) -> bool:
        """Whether a record matches all that a filter asks; null asks nothing."""
        for name, asked in (given or {}).items():
            if asked is not None and not await self._holds(node, name, asked):
                return False
        return True

    async def _holds(self, node: Node, name: str, asked: Any) -> bool:
        if name == "and":
            return all([await self.matches(node, each) for each in asked])
        if name == "or":
            return any([await self.matches(node, each) for each in asked])
        if name == "not":
            return not await self.matches(node, asked)
        if name == "within":
            above = await self._records.above(self._catalog, node)
            return any(division.code in asked for division in above)
        entity = self._catalog[node.type]
        edge = entity.edge_by_name.get(name)
        if edge is not None:
            far = await self._records.targets(node, edge.relationship)
            return any([await self.matches(each, asked) for each in far])
        value = node.get(entity.field_by_name[name].prop)
        return all(compare(value, by, x) for by, x in asked.items() if x is not None)


def compare(value: Any, by: str, asked: Any) -> bool:
    """Whether a property's value holds one condition."""
    if by == "isNull":
        return (value is None) == bool(asked)
    if value is None:
        return False
    answer: bool
    match by:
        case "eq":
            answer = value == asked
        case "in":
            answer = value in asked
        case "gt":
            answer = value > asked
        case "gte":
            answer = value >= asked
        case "lt":
            answer = value < asked
        case "lte":
            answer = value <= asked
        case "prefix":
            answer = value.startswith(asked)
        case "contains" | "has":
            answer = asked in value
        case "near":
            answer = metres(value, asked) <= asked["metres"]
        case "within":
            ring = [(corner["longitude"], corner["latitude"]) for corner in asked]
            answer = Polygon(ring).contains(Point(value.longitude, value.latitude))
        case _:
            raise ValueError(by)
    return answer


def metres(point: Any, other: Mapping[str, float]) -> float:
    """Metres between a point and another along a great circle (haversine)."""
    north, south = math.radians(point.latitude), math.radians(other["latitude"])
    turn = math.radians(point.longitude - other["longitude"])
    h = math.sin((north - south) / 2) ** 2
    h += math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
