"""Total orders of lists, and the predicates by which a page continues after a cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from resolvers.catalog import Entity
from resolvers.errors import BadInput
from resolvers.params import Binding, Params
from resolvers.selection import Template

TYPE = "type"
"""The key that stands for a record's type, in lists of several types."""


@dataclass(frozen=True)
class OrderKey:
    """One key of an order: an expression on the list's variable."""

    prop: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Order:
    """A total order with the name that its cursors carry. It always ends in the code."""

    list_name: str
    keys: tuple[OrderKey, ...]

    score: str | None = None
    """The variable that holds a hit's score, in a search."""

    lead: str | None = None
    """A property with the same value in the whole list: it changes nothing in the order, but
    tells the engine that the index on (it, code) gives that order."""

    def expression(self, var: str, key: OrderKey) -> str:
        """The key's value."""
        if self.score and key.prop == "score":
            return self.score
        if key.prop == TYPE:
            return f"[t IN labels({var}) WHERE t <> 'Record'][0]"
        return f"{var}.{key.prop}"

    def by(self, var: str, backward: bool) -> str:
        """The ORDER BY terms. Nulls come last in ASC and first in DESC, as Cypher has it."""
        down = self.keys[0].descending != backward
        lead = [f"{var}.{self.lead}" + (" DESC" if down else "")] if self.lead else []
        keys = [
            self.expression(var, key) + (" DESC" if key.descending != backward else "")
            for key in self.keys
        ]
        return ", ".join(lead + keys)

    def beyond(self, var: str, cursor: Template, params: Params, before: bool) -> str:
        """That `var` comes strictly after the cursor's place (before it, if so asked)."""
        names = [
            params.add(cursor, cursor_value(self.list_name, i, len(self.keys)))
            for i in range(len(self.keys))
        ]
        condition = ""
        for key, name in reversed(list(zip(self.keys, names, strict=True))):
            prop = self.expression(var, key)
            strictly = _strictly(prop, name, key, before)
            if not condition:
                condition = strictly
                continue
            same = f"{prop} = {name}"
            if key.nullable:
                same = f"({same} OR ({prop} IS NULL AND {name} IS NULL))"
            condition = f"({strictly} OR ({same} AND {condition}))"
        first, name = self.keys[0], names[0]
        if len(self.keys) > 1 and not first.nullable:
            sign = "<=" if first.descending != before else ">="
            condition = f"({self.expression(var, first)} {sign} {name} AND {condition})"
        return condition


def _strictly(prop: str, name: str, key: OrderKey, before: bool) -> str:
    down = key.descending != before
    if not key.nullable:
        return f"{prop} {'<' if down else '>'} {name}"
    if down:
        return f"({prop} < {name} OR ({name} IS NULL AND {prop} IS NOT NULL))"
    return f"({prop} > {name} OR ({prop} IS NULL AND {name} IS NOT NULL))"


@cache
def cursor_value(list_name: str, index: int, count: int) -> Callable[[Any, Binding], Any]:
    """The conversion that reads one value out of a cursor."""

    def read(cursor: Any, binding: Binding) -> Any:
        return binding.cursor_key.read(cursor, list_name, count)[index]

    return read


def order_of(entity: Entity, field: str, given: Template) -> Order:
    """The order that `orderBy` asks for, ending in the code.

    Raises BadInput for an item without one field: validation lets a variable through that is null.
    """
    keys: list[OrderKey] = []
    for each in given or ():
        if len(each) != 1 or None in each.values():
            raise BadInput("orderBy: each item names exactly one field and its direction")
        for name, direction in each.items():
            declared = entity.field_by_name[name]
            if all(key.prop != declared.prop for key in keys):
                keys.append(OrderKey(declared.prop, direction == "DESC", not declared.required))
    if all(key.prop != "code" for key in keys):
        keys.append(OrderKey("code"))
    while keys[-1].prop != "code":
        keys.pop()
    text = ",".join(("-" if key.descending else "") + key.prop for key in keys)
    return Order(f"{field}:{text}", tuple(keys))
