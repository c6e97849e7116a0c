"""From a filter to a predicate of an SQL statement, with the meaning it has in Cypher: two-valued,
what has no value matches nothing, and `not` is the exact opposite.

Parameters stand as `$p0`; each use names its type, since PostgreSQL asks for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from resolvers import geometry_params
from resolvers.catalog import Field, ValueType
from resolvers.filter_size import FilterSize
from resolvers.filters import COMPARISONS, bounded
from resolvers.geodesy import EARTH_METRES
from resolvers.params import Binding, Convert, Params
from resolvers.row_types import RowType
from resolvers.selection import Template

SQL_TYPE = {
    ValueType.TEXT: "text",
    ValueType.INT: "int",
    ValueType.FLOAT: "float8",
    ValueType.INSTANT: "timestamptz",
}
PLACEHOLDER = re.compile(r"\$([pk]\d+)\b")


def positional(text: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1 …` for its named parameters, and their names in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PLACEHOLDER.sub(number, text), tuple(names)


def typed(reference: str, field: Field) -> str:
    """A parameter as a value of a field's column. Instants travel as text."""
    kind = SQL_TYPE[field.type]
    return f"{reference}::text::timestamptz" if kind == "timestamptz" else f"{reference}::{kind}"


@dataclass
class SqlFilterWriter:
    """Writes predicates on rows; what it touches goes to `touched` as (type, field)."""

    params: Params
    touched: set[tuple[str, str]]
    size: FilterSize
    """What all filters of the operation hold so far."""

    def predicate(self, row: RowType, given: Template, var: str) -> str | None:
        """The predicate of a filter on `var`; None where it asks for nothing."""
        self.size.condition()
        parts: list[str] = []
        for name, value in (given or {}).items():
            if value is not None:
                part = self._part(row, name, value, var)
                if part is not None:
                    parts.append(part)
        return _all(parts)

    def _part(self, row: RowType, name: str, value: Any, var: str) -> str | None:
        if name == "and":
            return _all([p for each in value if (p := self.predicate(row, each, var))])
        if name == "or":
            options = [self.predicate(row, each, var) or "true" for each in value]
            return f"({' or '.join(options)})" if options else "false"
        if name == "not":
            inner = self.predicate(row, value, var)
            return "false" if inner is None else f"not coalesce({inner}, false)"
        self.size.condition()
        if name == "within":
            self.touched.add((row.name, "grid"))
            return f"{var}.path && {self.params.add(value, bounded)}::text[]"
        self.touched.add((row.name, name))
        reference = row.reference_by_name.get(name)
        if reference is not None:
            code = Field(name, ValueType.TEXT, reference.doc)
            return self._conditions(code, value, f"{var}.{reference.column}", var)
        field = row.field_by_name[name]
        return self._conditions(field, value, f"{var}.{field.prop}", var)

    def _conditions(self, of: Field, given: Any, column: str, var: str) -> str | None:
        parts: list[str] = []
        for name, value in given.items():
            if value is None:
                continue
            if of.type is ValueType.POINT:
                parts.append(self._place(name, value, var))
            elif name == "isNull":
                parts.append(f"{column} is {'' if value else 'not '}null")
            elif name == "in":
                kind = SQL_TYPE[of.type]
                several = self.params.add(value, bounded)
                cast = "::text[]::timestamptz[]" if kind == "timestamptz" else f"::{kind}[]"
                parts.append(f"{column} = any({several}{cast})")
            elif name in COMPARISONS:
                parts.append(f"{column} {COMPARISONS[name]} {typed(self.params.add(value), of)}")
            elif name == "prefix":
                parts.append(f"starts_with({column}, {self.params.add(value)}::text)")
            else:
                parts.append(f"position({self.params.add(value)}::text in {column}) > 0")
        return _all(parts)

    def _place(self, name: str, value: Any, var: str) -> str:
        if name == "isNull":
            return f"{var}.longitude is {'' if value else 'not '}null"
        return self._near(value, var) if name == "near" else self._inside(value, var)

    def _near(self, given: Template, var: str) -> str:
        """The great-circle distance (haversine) is at most the radius."""
        east, north, metres = (
            f"{self.params.add(given, of_circle(key))}::float8"
            for key in ("longitude", "latitude", "metres")
        )
        return (
            f"2 * {EARTH_METRES} * asin(least(1, sqrt("
            f"sin(radians({var}.latitude - {north}) / 2) ^ 2 + cos(radians({var}.latitude)) * "
            f"cos(radians({north})) * sin(radians({var}.longitude - {east}) / 2) ^ 2))) "
            f"<= {metres}"
        )

    def _inside(self, given: Template, var: str) -> str:
        """In the polygon's box, then ray casting over its edges (Shimrat 1962, Algorithm 112)."""
        self.size.polygon()
        west, south, east, north = (
            f"{self.params.add(given, of_polygon(key))}::float8"
            for key in ("west", "south", "east", "north")
        )
        edges = ", ".join(f"{self.params.add(given, of_edges(i))}::float8[]" for i in range(4))
        x, y = f"{var}.longitude", f"{var}.latitude"
        return (
            f"({x} between {west} and {east} and {y} between {south} and {north} and "
            f"(select count(*) % 2 = 1 from unnest({edges}) as s(x1, y1, x2, y2) "
            f"where (s.y1 > {y}) <> (s.y2 > {y}) "
            f"and {x} < (s.x2 - s.x1) * ({y} - s.y1) / (s.y2 - s.y1) + s.x1))"
        )


@cache
def of_circle(key: str) -> Convert:
    """The conversion to one value of a circle. Raises as `geometry_params.circle`."""

    def read(value: Any, binding: Binding) -> float:
        return geometry_params.circle(value, binding)[key]

    return read


@cache
def of_polygon(key: str) -> Convert:
    """The conversion to one side of a polygon's box. Raises as `geometry_params.polygon`."""

    def read(value: Any, binding: Binding) -> Any:
        return geometry_params.polygon(value, binding)[key]

    return read


@cache
def of_edges(at: int) -> Convert:
    """The conversion to one coordinate (x1, y1, x2 or y2) of each of a polygon's edges."""

    def read(value: Any, binding: Binding) -> list[float]:
        return [edge[at] for edge in geometry_params.polygon(value, binding)["edges"]]

    return read


def _all(parts: list[str]) -> str | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"
