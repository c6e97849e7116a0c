"""Rows in a plan: lists of them as SQL expressions, and the functions that make answers of their
documents.

A list is one expression that gives JSON; all lists of one level are one statement. Records that a
row refers to are a step of the next level: one Cypher statement for all keys of that level.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graphql import GraphQLObjectType, get_named_type

from resolvers.assemble import literal
from resolvers.catalog import Field, ValueType
from resolvers.plan import Later, Page, Written
from resolvers.row_ordering import RowOrder, row_order_of
from resolvers.row_types import Part, Reference, RowType
from resolvers.selection import Selected

if TYPE_CHECKING:
    from resolvers.cypher import ObjectWriter

LIVE = (
    "(select json_build_array(t.topic_id, (select json_agg(p.next_offset order by p.partition) "
    "from event_positions p where p.epoch = t.epoch)) "
    "from event_topics t order by t.epoch desc limit 1)"
)
"""Up to where events are stored: the topic's id and its partitions' offsets."""

WITHOUT_GRAPH = frozenset({"code", "id", "__typename"})
"""What a reference answers without asking for the record."""


class RowWriter:
    """Writes rows, lists of them, and the steps that lead on from them."""

    def __init__(self, objects: ObjectWriter) -> None:
        self.objects = objects
        self.w = objects.w

    def object(self, row: RowType, each: Selected) -> str:
        """The function that makes a row's object of its document."""
        entries: list[str] = []
        deferred: list[str] = []
        for f in self.w.collector.below(each, self.w.collector.object_type(row.name)):
            self.w.params.path = f.path
            if f.name == "__typename":
                entries.append(f"{literal(f.key)}: {literal(row.name)}")
                continue
            self.w.touched.add((row.name, f.name))
            reference = row.reference_by_name.get(f.name)
            if reference is None:
                entries.append(f"{literal(f.key)}: {self._value(row, f)}")
                continue
            value = self._reference(reference, f)
            entries.append(f"{literal(f.key)}: {value or 'None'}")
            if value is None:
                step = self._records(reference, f)
                code = f"v[{reference.name!r}]"
                deferred.append(f"if {code} is not None: c.defer(d, {f.key!r}, {code}, {step})")
        made = "{" + ", ".join(entries) + "}"
        if not deferred:
            return self.w.source.function(f"return {made}")
        return self.w.source.function(f"d = {made}", *deferred, "return d")

    def _value(self, row: RowType, f: Selected) -> str:
        declared: Field | Part | None = row.field_by_name.get(f.name)
        if isinstance(declared, Field) and declared.type is ValueType.POINT:
            return self._inner(f, "Position", f"v.get({f.name!r})", False)
        kind = self.w.collector.object_type(row.name).fields[f.name].type
        named = get_named_type(kind)
        if isinstance(named, GraphQLObjectType):
            return self._inner(f, named.name, f"v.get({f.name!r})", "[" in str(kind))
        return f"v.get({f.name!r})"

    def _inner(self, f: Selected, kind: str, value: str, many: bool) -> str:
        """An object, or a list of objects, inside the document."""
        parts = []
        for g in self.w.collector.below(f, self.w.collector.object_type(kind)):
            text = literal(kind) if g.name == "__typename" else f"x.get({g.name!r})"
            parts.append(f"{literal(g.key)}: {text}")
        made = "{" + ", ".join(parts) + "}"
        if many:
            return f"[{made} for x in {value} or ()]"
        return f"next(({made} for x in ({value},) if x is not None), None)"

    def _reference(self, reference: Reference, f: Selected) -> str | None:
        """A record of which only the code is asked for; None where the graph must be asked."""
        target = self.w.catalog[reference.target]
        parts = []
        for g in self.w.collector.below(f, self.w.collector.object_type(target.name)):
            if g.name not in WITHOUT_GRAPH:
                return None
            code = f"v[{reference.name!r}]"
            if g.name == "__typename":
                text = literal(target.name)
            else:
                self.w.touched.add((target.name, g.name))
                text = code if g.name == "code" else f"gid({target.name!r}, {code})"
            parts.append(f"{literal(g.key)}: {text}")
        return f"(None if v[{reference.name!r}] is None else {{{', '.join(parts)}}})"

    def _records(self, reference: Reference, f: Selected) -> int:
        """The step that finds the records that rows of this level refer to."""
        entity = self.w.catalog[reference.target]
        var, code = self.w.fresh(), self.w.fresh("k")
        fields = self.w.collector.below(f, self.w.collector.object_type(entity.name))
        step = self.w.step()
        made = self.objects.object(entity, var, fields)
        self.w.later[step] = Later(
            "neo4j",
            f"COLLECT {{ UNWIND $k{step} AS {code} MATCH ({var}:{entity.name} {{code: {code}}}) "
            f"RETURN [{code}, {made.expression}] }}",
            self.w.source.function(f"return {{x[0]: {made.function}(x[1], c) for x in v}}"),
        )
        return step

    def reverse(self, row: RowType, reference: Reference, name: str, each: Selected) -> int:
        """The step that lists the rows which refer to the records of this level."""
        step = self.w.step()
        var = self.w.fresh("e")
        page = self.connection(row, name, var, each, [f"{var}.{reference.column} = q.code"])
        self.w.later[step] = Later(
            "postgres",
            f"(select coalesce(json_agg(json_build_array(q.code, {page.expression})), '[]') "
            f"from unnest($k{step}::text[]) as q(code))",
            self.w.source.function(f"return {{x[0]: {page.function}(x[1], c) for x in v}}"),
        )
        return step

    def connection(
        self, row: RowType, name: str, var: str, each: Selected, conditions: list[str]
    ) -> Written:
        """A connection's JSON `[rows, …]` and its function."""
        w = self.w
        w.params.path = each.path
        predicate = w.rows.predicate(row, each.args.get("filter"), var)
        if predicate:
            conditions = [*conditions, predicate]
        order = row_order_of(row, name, each.args.get("orderBy"))
        for field, _ in order.keys:
            w.touched.add((row.name, field.name))
        return RowPage(self, row, var, order, conditions).write(each)


class RowPage:
    """Writes one page: its rows, total and neighbours, each only where it is asked for."""

    def __init__(
        self, writer: RowWriter, row: RowType, var: str, order: RowOrder, conditions: list[str]
    ) -> None:
        self.writer = writer
        self.w = writer.w
        self.row = row
        self.var = var
        self.order = order
        self.conditions = conditions
        self.slots: list[str] = []
        self.pages: dict[str, str] = {}

    def slot(self, expression: str) -> str:
        """The place of a value in the connection's list."""
        if expression not in self.slots:
            self.slots.append(expression)
        return f"v[{self.slots.index(expression)}]"

    def write(self, each: Selected) -> Written:
        w = self.w
        limit, backward = w.limit(each)
        for side, before in (("after", False), ("before", True)):
            if each.args.get(side) is not None:
                self.pages[side] = self.order.beyond(self.var, each.args[side], w.params, before)
        outer, w.pages = w.pages, []
        kind = w.collector.object_type(f"{self.row.name}Connection")
        fields = w.collector.below(each, kind)
        entries = [f"{literal(f.key)}: {self._entry(f, kind.name, backward)}" for f in fields]
        lines = []
        if any(f.name in ("nodes", "edges", "pageInfo") for f in fields):
            lines = [
                f"r = {self.slot(self._rows(limit, backward))}",
                f"n = c.values[{limit[1:]!r}] - 1",
                "more = len(r) > n",
                "if more: r = r[:n]",
            ]
            if backward:
                lines.append("r = r[::-1]")
            outer.append(Page(limit[1:], tuple(w.pages)))
        w.pages = outer
        function = w.source.function(*lines, f"return {{{', '.join(entries)}}}")
        return Written(f"json_build_array({', '.join(self.slots)})", function)

    def _where(self, *further: str) -> str:
        conditions = [*self.conditions, *further]
        return f" where {' and '.join(conditions)}" if conditions else ""

    def _rows(self, limit: str, backward: bool) -> str:
        inner = (
            f"select {self.var}.doc from {self.row.table} {self.var}"
            f"{self._where(*self.pages.values())} "
            f"order by {self.order.by(self.var, backward)} limit {limit}::int"
        )
        return f"(select coalesce(json_agg(r.doc), '[]') from ({inner}) r)"

    def _entry(self, f: Selected, kind: str, backward: bool) -> str:
        if f.name == "__typename":
            return literal(kind)
        if f.name == "totalCount":
            return self.slot(f"(select count(*) from {self.row.table} {self.var}{self._where()})")
        if f.name == "liveCursor":
            return f"c.live({self.slot(LIVE)})"
        if f.name == "nodes":
            return f"[{self.writer.object(self.row, f)}(x, c) for x in r]"
        if f.name == "edges":
            return self._edges(f)
        return self._page_info(f, backward)

    def _edges(self, f: Selected) -> str:
        kind = f"{self.row.name}Edge"
        parts = []
        for g in self.w.collector.below(f, self.w.collector.object_type(kind)):
            if g.name == "__typename":
                text = literal(kind)
            elif g.name == "cursor":
                text = self._cursor("x")
            else:
                text = f"{self.writer.object(self.row, g)}(x, c)"
            parts.append(f"{literal(g.key)}: {text}")
        return f"[{{{', '.join(parts)}}} for x in r]"

    def _cursor(self, item: str) -> str:
        values = [f"{item}[{field.name!r}]" for field, _ in self.order.keys]
        return f"c.cursor([{', '.join([repr(self.order.list_name), *values])}])"

    def _page_info(self, f: Selected, backward: bool) -> str:
        parts = []
        for g in self.w.collector.below(f, self.w.collector.object_type("PageInfo")):
            if g.name == "__typename":
                text = literal("PageInfo")
            elif g.name in ("startCursor", "endCursor"):
                at = "r[0]" if g.name == "startCursor" else "r[-1]"
                text = f"({self._cursor(at)} if r else None)"
            else:
                forward = g.name == "hasNextPage"
                text = self._beyond("before" if forward else "after")
                if forward != backward:
                    text = "more" if text == "False" else f"(more or {text})"
            parts.append(f"{literal(g.key)}: {text}")
        return f"{{{', '.join(parts)}}}"

    def _beyond(self, side: str) -> str:
        """Whether rows lie at or beyond the cursor of that side."""
        if side not in self.pages:
            return "False"
        where = self._where(f"not {self.pages[side]}")
        return self.slot(f"exists (select 1 from {self.row.table} {self.var}{where})")


Root = Callable[[RowWriter, Selected], Written]


def row_lookup(row: RowType) -> Root:
    """`event(id:)`: one row by its id."""

    def write(writer: RowWriter, each: Selected) -> Written:
        w = writer.w
        var = w.fresh("e")
        key = w.params.add(each.args["id"])
        w.touched.add((row.name, "id"))
        made = writer.object(row, each)
        return Written(
            f"(select {var}.doc from {row.table} {var} where {var}.id = {key}::text)",
            w.source.function(f"return None if v is None else {made}(v, c)"),
        )

    return write


def row_listing(row: RowType) -> Root:
    """`events(…)`: all rows of a type, as a connection."""

    def write(writer: RowWriter, each: Selected) -> Written:
        return writer.connection(row, f"Query.{each.name}", writer.w.fresh("e"), each, [])

    return write
