"""Filters on rows as plain functions of their documents, and the terms an index finds them by.

The meaning is that of the SQL predicates (`resolvers.sql`): what has no value matches nothing, and
`not` is the exact opposite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resolvers import geometry_params
from resolvers.geodesy import great_circle
from resolvers.params import Binding
from resolvers.row_types import RowType

Doc = Mapping[str, Any]
Predicate = Callable[[Doc], bool]

INDEXED = ("camera", "venue", "firm", "grid", "path", "type")
"""What the index knows, the most telling first."""


def predicate(row: RowType, given: Mapping[str, Any] | None, binding: Binding) -> Predicate:
    """The function of a bound filter. Raises PolygonInvalid and the like for bad shapes."""
    tests: list[Predicate] = []
    for name, value in (given or {}).items():
        if value is not None:
            tests.append(_test(row, name, value, binding))
    if len(tests) == 1:
        return tests[0]
    return lambda doc: all(test(doc) for test in tests)


def _test(row: RowType, name: str, value: Any, binding: Binding) -> Predicate:
    if name in ("and", "or"):
        inner = [predicate(row, each, binding) for each in value]
        every = all if name == "and" else any
        return lambda doc: every(test(doc) for test in inner)
    if name == "not":
        opposite = predicate(row, value, binding)
        return lambda doc: not opposite(doc)
    if name == "within":
        codes = frozenset(value)
        return lambda doc: not codes.isdisjoint(doc["path"])
    tests = [
        _condition(name, by, asked, binding) for by, asked in value.items() if asked is not None
    ]
    return lambda doc: all(test(doc) for test in tests)


def _condition(name: str, by: str, asked: Any, binding: Binding) -> Predicate:
    if by == "isNull":
        wanted = bool(asked)
        return lambda doc: (doc.get(name) is None) == wanted
    if by == "in":
        values = frozenset(asked)
        return lambda doc: (value := doc.get(name)) is not None and value in values
    if by == "near":
        circle = geometry_params.circle(asked, binding)
        return lambda doc: (
            (at := doc.get(name)) is not None and great_circle(at, circle) <= circle["metres"]
        )
    if by == "within":
        polygon = geometry_params.polygon(asked, binding)
        return lambda doc: (at := doc.get(name)) is not None and _inside(at, polygon)
    compare = COMPARE[by]
    return lambda doc: (value := doc.get(name)) is not None and compare(value, asked)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, asked: value == asked,
    "gt": lambda value, asked: value > asked,
    "gte": lambda value, asked: value >= asked,
    "lt": lambda value, asked: value < asked,
    "lte": lambda value, asked: value <= asked,
    "prefix": lambda value, asked: value.startswith(asked),
    "contains": lambda value, asked: asked in value,
}


def _inside(at: Mapping[str, float], polygon: Mapping[str, Any]) -> bool:
    """Ray casting, as the statements do it (Shimrat 1962, Algorithm 112)."""
    x, y = at["longitude"], at["latitude"]
    if not (polygon["west"] <= x <= polygon["east"] and polygon["south"] <= y <= polygon["north"]):
        return False
    odd = False
    for x1, y1, x2, y2 in polygon["edges"]:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def terms(given: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Of these (attribute, value) pairs a row carries at least one, if the filter matches it.

    Empty where the filter says nothing of the kind; it must be tried on each row then.
    """
    found: list[tuple[tuple[str, str], ...]] = []
    for name, value in (given or {}).items():
        if value is None:
            continue
        if name == "within":
            found.append(tuple(("path", code) for code in value))
        elif name == "and":
            found += [terms(each) for each in value]
        elif name == "or":
            ways = [terms(each) for each in value]
            found.append(tuple(pair for way in ways for pair in way) if all(ways) else ())
        elif name in INDEXED and value.get("eq") is not None:
            found.append(((name, value["eq"]),))
        elif name in INDEXED and value.get("in") is not None:
            found.append(tuple((name, each) for each in value["in"]))
    found = [pairs for pairs in found if pairs]
    if not found:
        return ()
    best = min(found, key=lambda pairs: (max(INDEXED.index(a) for a, _ in pairs), len(pairs)))
    return tuple(dict.fromkeys(best))
