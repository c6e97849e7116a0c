"""Connections: pages of a list as one COLLECT subquery, and the functions that name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from resolvers.assemble import literal
from resolvers.catalog import Entity
from resolvers.ordering import Order, order_of
from resolvers.plan import Page, Written
from resolvers.selection import Selected, Template

if TYPE_CHECKING:
    from resolvers.cypher import ObjectWriter


@dataclass(frozen=True)
class Listing:
    """A list of records of one type: what it is called, its variable and its pattern."""

    entity: Entity
    name: str
    var: str
    pattern: str
    whole: bool = False
    """All records of the type: without an index the engine would look at each."""


def write_connection(writer: ObjectWriter, listing: Listing, each: Selected) -> Written:
    """A connection over records of one type."""
    w, var, entity = writer.w, listing.var, listing.entity
    conditions: list[str] = []
    if not each.args.get("includeRetired"):
        conditions.append(f"{var}.retired_at IS NULL")
    predicate = w.filters.predicate(entity, each.args.get("filter"), var)
    if predicate:
        conditions.append(predicate)
    order = order_of(entity, listing.name, each.args.get("orderBy"))
    if listing.whole:
        conditions += _by_index(entity, var, order)
        if [key.prop for key in order.keys] == ["code"]:
            order = replace(order, lead=_fixed(entity, each.args.get("filter")))
    for name in _ordered_by(each):
        w.touched.add((entity.name, name))
    w.touched.add((entity.name, "code"))
    kind = w.collector.object_type(f"{entity.name}Connection")

    def node(var: str, selected: Selected) -> Written:
        fields = w.collector.below(selected, w.collector.object_type(entity.name))
        return writer.object(entity, var, fields)

    page = PageWriter(writer, listing.pattern, var, conditions, order, kind.name, node)
    return page.write(each)


def _by_index(entity: Entity, var: str, order: Order) -> list[str]:
    """What holds of every record, but must be said for the engine to use an index: it takes one
    only where the predicate touches all its columns."""
    first = order.keys[0].prop
    ordered = [f.prop for f in entity.all_fields if f.index and f.required and f.prop == first]
    return [f"{var}.{prop} IS NOT NULL" for prop in (*ordered, "code")]


def _fixed(entity: Entity, given: Template) -> str | None:
    """The indexed property that a filter fixes to one value, if there is one."""
    for name, asked in (given or {}).items():
        field = entity.field_by_name.get(name)
        if field is not None and field.index and asked and asked.get("eq") is not None:
            return field.prop
    return None


def _ordered_by(each: Selected) -> list[str]:
    return [name for part in each.args.get("orderBy") or () for name in part]


class PageWriter:
    """Writes one page: its rows, total and neighbours, each only where it is asked for."""

    def __init__(
        self,
        writer: ObjectWriter,
        pattern: str,
        var: str,
        conditions: list[str],
        order: Order,
        kind: str,
        node: Callable[[str, Selected], Written],
    ) -> None:
        self.writer = writer
        self.w = writer.w
        self.match = f"MATCH {pattern}"
        self.var = var
        self.conditions = conditions
        self.order = order
        self.kind = kind
        self.node = node
        self.counted = ""
        """What closes a counting subquery that does not begin with MATCH."""
        self.carried: tuple[str, ...] = ()
        """Variables beside `var` that the page needs after it was limited."""
        self.edge_entry: Callable[[Selected], str] | None = None
        """The expression of an edge's own fields, over the row `x`."""
        self.items: list[str] = []

    def item(self, expression: str) -> str:
        """The place of a value in each row."""
        if expression not in self.items:
            self.items.append(expression)
        return f"x[{self.items.index(expression)}]"

    def write(self, each: Selected) -> Written:
        """The connection's list `[rows, total, neighbour]` and its function."""
        w = self.w
        w.params.path = each.path
        limit, backward = w.limit(each)
        args = each.args
        outer, w.pages = w.pages, []
        pages = {}
        for side, before in (("after", False), ("before", True)):
            if args.get(side) is not None:
                pages[side] = self.order.beyond(self.var, args[side], w.params, before)
        slots: list[str] = []

        def slot(expression: str) -> str:
            if expression not in slots:
                slots.append(expression)
            return f"v[{slots.index(expression)}]"

        entries = [self._entry(f, slot, pages, backward) for f in self._fields(each)]
        lines = []
        if self.items or any("more" in text for _, text in entries):
            conditions = [*self.conditions, *pages.values()]
            rows = slot(self._rows(conditions, limit, backward))
            lines = [f"r = {rows}", f"n = c.values[{limit[1:]!r}] - 1", "more = len(r) > n"]
            lines.append("if more: r = r[:n]")
            if backward:
                lines.append("r = r[::-1]")
            outer.append(Page(limit[1:], tuple(w.pages)))
        w.pages = outer
        made = ", ".join(f"{literal(key)}: {value}" for key, value in entries)
        function = w.source.function(*lines, f"return {{{made}}}")
        return Written(f"[{', '.join(slots)}]", function)

    def _fields(self, each: Selected) -> list[Selected]:
        return self.w.collector.below(each, self.w.collector.object_type(self.kind))

    def _rows(self, conditions: list[str], limit: str, backward: bool) -> str:
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        carried = ", ".join((self.var, *self.carried))
        return (
            f"COLLECT {{ {self.match}{where} WITH {carried} "
            f"ORDER BY {self.order.by(self.var, backward)} LIMIT {limit} "
            f"RETURN [{', '.join(self.items)}] }}"
        )

    def _entry(
        self,
        each: Selected,
        slot: Callable[[str], str],
        pages: dict[str, str],
        backward: bool,
    ) -> tuple[str, str]:
        if each.name == "__typename":
            return each.key, literal(self.kind)
        if each.name == "totalCount":
            where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
            return each.key, slot(f"COUNT {{ {self.match}{where}{self.counted} }}")
        if each.name == "nodes":
            node = self.node(self.var, each)
            return each.key, f"[{node.function}({self.item(node.expression)}, c) for x in r]"
        if each.name == "edges":
            return each.key, self._edges(each)
        return each.key, self._page_info(each, slot, pages, backward)

    def _edges(self, each: Selected) -> str:
        kind = self.kind.replace("Connection", "Edge")
        parts = []
        for f in self.w.collector.below(each, self.w.collector.object_type(kind)):
            if f.name == "__typename":
                text = literal(kind)
            elif f.name == "cursor":
                text = self._cursor()
            elif f.name == "node":
                node = self.node(self.var, f)
                text = f"{node.function}({self.item(node.expression)}, c)"
            else:
                assert self.edge_entry is not None
                text = self.edge_entry(f)
            parts.append(f"{literal(f.key)}: {text}")
        if not self.items:
            self.item(f"{self.var}.code")
        return f"[{{{', '.join(parts)}}} for x in r]"

    def _cursor(self) -> str:
        values = [self.item(self.order.expression(self.var, key)) for key in self.order.keys]
        return f"c.cursor([{', '.join([repr(self.order.list_name), *values])}])"

    def _page_info(
        self,
        each: Selected,
        slot: Callable[[str], str],
        pages: dict[str, str],
        backward: bool,
    ) -> str:
        parts = []
        for f in self.w.collector.below(each, self.w.collector.object_type("PageInfo")):
            if f.name == "__typename":
                text = literal("PageInfo")
            elif f.name in ("startCursor", "endCursor"):
                at = 0 if f.name == "startCursor" else -1
                text = f"({self._cursor().replace('x[', f'r[{at}][')} if r else None)"
            else:
                forward = f.name == "hasNextPage"
                text = self._beyond("before" if forward else "after", slot, pages)
                if forward != backward:
                    if not self.items:
                        self.item(f"{self.var}.code")
                    text = "more" if text == "False" else f"(more or {text})"
            parts.append(f"{literal(f.key)}: {text}")
        return f"{{{', '.join(parts)}}}"

    def _beyond(self, side: str, slot: Callable[[str], str], pages: dict[str, str]) -> str:
        """Whether records lie at or beyond the cursor of that side."""
        if side not in pages:
            return "False"
        conditions = [*self.conditions, f"NOT coalesce({pages[side]}, false)"]
        where = " AND ".join(conditions)
        return slot(f"EXISTS {{ {self.match} WHERE {where}{self.counted} }}")
