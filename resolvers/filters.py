"""From a filter to a predicate of the statement. Two-valued: what has no value matches nothing,
and `not` is the exact opposite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resolvers import geometry_params
from resolvers.catalog import Catalog, Entity, Field, ValueType
from resolvers.errors import TooComplex
from resolvers.filter_size import FilterSize
from resolvers.params import Binding, Params
from resolvers.selection import Template

WITHIN_DEPTH = 6
"""The longest way up: a located record, its grid, community, subdistrict, district, city."""

MAX_VALUES = 1_000
"""Bound on the values of one `in`, and on the codes of one `within`."""

COMPARISONS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
TEXTUAL = {"prefix": "STARTS WITH", "contains": "CONTAINS"}


@dataclass
class FilterWriter:
    """Writes predicates; what it touches goes to `touched` as (type, field)."""

    catalog: Catalog
    params: Params
    touched: set[tuple[str, str]]
    fresh: Callable[[], str]
    """Gives a variable name not used before."""
    size: FilterSize
    """What all filters of the operation hold so far."""

    def predicate(self, entity: Entity, given: Template, var: str) -> str | None:
        """The predicate of a filter on `var`; None where it asks for nothing."""
        self.size.condition()
        parts: list[str] = []
        for name, value in (given or {}).items():
            if value is None:
                continue
            part = self._part(entity, name, value, var)
            if part is not None:
                parts.append(part)
        return _all(parts)

    def _part(self, entity: Entity, name: str, value: Any, var: str) -> str | None:
        if name == "and":
            return _all([p for each in value if (p := self.predicate(entity, each, var))])
        if name == "or":
            options = [self.predicate(entity, each, var) or "true" for each in value]
            return f"({' OR '.join(options)})" if options else "false"
        if name == "not":
            inner = self.predicate(entity, value, var)
            return "false" if inner is None else f"NOT coalesce({inner}, false)"
        if name == "within":
            self.touched.add((entity.name, "path"))
            return self.within(entity, value, var)
        self.touched.add((entity.name, name))
        self.size.condition()
        if name in entity.edge_by_name:
            edge = entity.edge_by_name[name]
            far = self.fresh()
            inner = self.predicate(self.catalog[edge.target], value, far)
            where = f" WHERE {inner}" if inner else ""
            return f"EXISTS {{ MATCH ({var})-[:{edge.relationship}]->({far}){where} }}"
        return self._conditions(entity.field_by_name[name], value, f"{var}.{_prop(name, entity)}")

    def within(self, entity: Entity, codes: Template, var: str) -> str:
        """That `var` lies in any of the divisions with these codes."""
        up = "".join(f"-[:{rel}]->()" for rel, _ in self._to_located(entity))
        far = self.fresh()
        codes = self.params.add(codes, bounded)
        return (
            f"EXISTS {{ MATCH ({var}){up}-[:IN*1..{WITHIN_DEPTH}]->({far}:Record) "
            f"WHERE {far}.code IN {codes} }}"
        )

    def _to_located(self, entity: Entity) -> tuple[tuple[str, str], ...]:
        if not entity.chains:
            return ()
        return self.catalog.steps(entity, entity.chains[0])[:-1]

    def _conditions(self, of: Field, given: Any, prop: str) -> str | None:
        parts: list[str] = []
        for name, value in given.items():
            if value is None:
                continue
            if name == "isNull":
                parts.append(f"{prop} IS {'' if value else 'NOT '}NULL")
            elif name == "in":
                parts.append(f"{prop} IN {self.params.add(value, bounded)}")
            elif name == "has":
                parts.append(f"{self.params.add(value)} IN {prop}")
            elif name == "near":
                parts.append(self._near(prop, value))
            elif name == "within":
                parts.append(self._inside(prop, value))
            elif of.type is ValueType.BOOL:
                parts.append(f"{prop} = {'true' if value else 'false'}")
            elif name in COMPARISONS:
                parts.append(f"{prop} {COMPARISONS[name]} {self.params.add(value)}")
            else:
                parts.append(f"{prop} {TEXTUAL[name]} {self.params.add(value)}")
        return _all(parts)

    def _near(self, prop: str, given: Template) -> str:
        p = self.params.add(given, geometry_params.circle)
        return (
            f"point.distance({prop}, point({{longitude: {p}.longitude, latitude: {p}.latitude}}))"
            f" <= {p}.metres"
        )

    def _inside(self, prop: str, given: Template) -> str:
        """A box on the point index, then ray casting over the polygon's edges
        (Shimrat 1962, Algorithm 112: count the edges that a ray to the east crosses)."""
        self.size.polygon()
        p = self.params.add(given, geometry_params.polygon)
        x, y = f"{prop}.longitude", f"{prop}.latitude"
        return (
            f"point.withinBBox({prop}, point({{longitude: {p}.west, latitude: {p}.south}}), "
            f"point({{longitude: {p}.east, latitude: {p}.north}})) "
            f"AND reduce(odd = false, e IN {p}.edges | CASE WHEN (e[1] > {y}) <> (e[3] > {y}) "
            f"AND {x} < (e[2] - e[0]) * ({y} - e[1]) / (e[3] - e[1]) + e[0] "
            "THEN NOT odd ELSE odd END)"
        )


def bounded(value: Any, _: Binding) -> Any:
    """A list of values as it is. Raises TooComplex for one that is too long."""
    if len(value) > MAX_VALUES:
        raise TooComplex(f"a list of {len(value)} values: at most {MAX_VALUES}", limit=MAX_VALUES)
    return value


def _prop(name: str, entity: Entity) -> str:
    return entity.field_by_name[name].prop


def _all(parts: list[str]) -> str | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"
