"""From selected fields to one Cypher expression and the function that names its values.

Every object becomes a list by position, `[n.code, n.name, …]`; a reference is a list comprehension
over a pattern; a list is a COLLECT subquery that limits before it projects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resolvers.assemble import literal
from resolvers.catalog import Chain, Edge, Entity, Field, ValueType
from resolvers.connections import Listing, write_connection
from resolvers.history_plan import add_history, history_key
from resolvers.plan import Writer, Written
from resolvers.row_plan import RowWriter
from resolvers.selection import Selected

DIVISIONS = ("District", "Subdistrict", "Community", "Grid")
"""What a path holds, from the top."""


@dataclass
class _Slots:
    """The values of one object's list; equal expressions share a place."""

    texts: list[str] = field(default_factory=list)

    def __call__(self, expression: str) -> str:
        if expression not in self.texts:
            self.texts.append(expression)
        return f"v[{self.texts.index(expression)}]"


class ObjectWriter:
    """Writes objects, references, paths and abstract records."""

    def __init__(self, writer: Writer) -> None:
        self.w = writer

    def object(self, entity: Entity, var: str, fields: Sequence[Selected]) -> Written:
        """A record's list and its function."""
        slots = _Slots()
        entries: list[tuple[str, str]] = []
        deferred: list[str] = []
        for each in fields:
            self.w.touched.add((entity.name, each.name))
            if each.name == "history":
                entries.append((each.key, "None"))
                step = add_history(self.w, each)
                of = history_key(entity.name, slots(f"{var}.code"))
                deferred.append(f"c.defer(d, {each.key!r}, {of}, {step})")
                continue
            rows = self.w.catalog.row_reverses[entity.name].get(each.name)
            if rows is not None:
                entries.append((each.key, "None"))
                name = f"{entity.name}.{each.name}"
                step = RowWriter(self).reverse(rows.source, rows.reference, name, each)
                of = slots(f"{var}.code")
                deferred.append(f"c.defer(d, {each.key!r}, {of}, {step})")
                continue
            entries.append((each.key, self._entry(entity, var, each, slots)))
        made = "{" + ", ".join(f"{literal(key)}: {value}" for key, value in entries) + "}"
        if not deferred:
            function = self.w.source.function(f"return {made}")
        else:
            function = self.w.source.function(f"d = {made}", *deferred, "return d")
        return Written(f"[{', '.join(slots.texts)}]", function)

    def _entry(self, entity: Entity, var: str, each: Selected, slots: _Slots) -> str:
        """The Python expression of one field, over the list `v`."""
        self.w.params.path = each.path
        if each.name == "__typename":
            self.w.touched.discard((entity.name, each.name))
            return literal(entity.name)
        if each.name == "id":
            return f"gid({entity.name!r}, {slots(f'{var}.code')})"
        if each.name == "path":
            return self._path(entity, var, each, slots)
        scalar = entity.field_by_name.get(each.name)
        if scalar is not None:
            return self._scalar(scalar, var, each, slots)
        link = next((link for link in entity.links if link.name == each.name), None)
        if link is not None:
            return self._reference(entity, link, var, each, slots)
        reverse = self.w.catalog.reverses[entity.name][each.name]
        far = self.w.fresh()
        steps = self.w.catalog.steps(reverse.source, reverse.edge)
        inward = "".join(f"<-[:{rel}]-()" for rel, _ in reversed(steps[1:]))
        pattern = f"({var}){inward}<-[:{steps[0][0]}]-({far}:{reverse.source.name})"
        listing = Listing(reverse.source, f"{entity.name}.{each.name}", far, pattern)
        written = write_connection(self, listing, each)
        return f"{written.function}({slots(written.expression)}, c)"

    def _scalar(self, scalar: Field, var: str, each: Selected, slots: _Slots) -> str:
        value = f"{var}.{scalar.prop}"
        if scalar.type is ValueType.SHAPE:
            return f"c.shape({slots(value)})"
        if scalar.type is not ValueType.POINT:
            return slots(value)
        position = self.w.collector.object_type("Position")
        parts = []
        for part in self.w.collector.below(each, position):
            text = (
                literal("Position") if part.name == "__typename" else slots(f"{value}.{part.name}")
            )
            parts.append(f"{literal(part.key)}: {text}")
        present = slots(f"{value}.longitude")
        return f"(None if {present} is None else {{{', '.join(parts)}}})"

    def _reference(
        self, entity: Entity, link: Edge | Chain, var: str, each: Selected, slots: _Slots
    ) -> str:
        target = self.w.catalog[link.target]
        far = self.w.fresh()
        fields = self.w.collector.below(each, self.w.collector.object_type(target.name))
        inner = self.object(target, far, fields)
        outward = "".join(f"-[:{rel}]->()" for rel, _ in self.w.catalog.steps(entity, link))
        pattern = f"({var}){outward.removesuffix('()')}({far})"
        if isinstance(link, Edge) and link.many:
            value = slots(
                f"COLLECT {{ MATCH {pattern} WITH {far} ORDER BY {far}.code "
                f"RETURN {inner.expression} }}"
            )
            return f"[{inner.function}(x, c) for x in {value}]"
        value = slots(f"head([{pattern} | {inner.expression}])")
        return f"(None if {value} is None else {inner.function}({value}, c))"

    def _path(self, entity: Entity, var: str, each: Selected, slots: _Slots) -> str:
        """The divisions above a record, the topmost first."""
        names = [d for d in DIVISIONS if (self.w.catalog[d].level or 0) < (entity.level or 99)]
        start = "".join(
            f"-[:{rel}]->()"
            for chain in entity.chains[:1]
            for rel, _ in self.w.catalog.steps(entity, chain)[:-1]
        )
        if not names:
            return "[]"
        nodes, items, functions, pattern = [], [], [], f"({var}){start}"
        for name in reversed(names):
            far = self.w.fresh()
            nodes.append((name, far))
            pattern += f"-[:IN]->({far}:{name})"
        for name, far in reversed(nodes):
            fields = self.w.collector.below(each, self.w.collector.object_type(name))
            written = self.object(self.w.catalog[name], far, fields)
            items.append(written.expression)
            functions.append(written.function)
        value = slots(f"head([{pattern} | [{', '.join(items)}]])")
        made = ", ".join(f"{f}({value}[{i}], c)" for i, f in enumerate(functions))
        return f"([] if {value} is None else [{made}])"

    def record(self, var: str, each: Selected, names: Sequence[str] | None = None) -> Written:
        """A record of any type: `[which, list]`, by its label."""
        cases, functions = [], []
        for name in names or self.w.catalog.entities:
            fields = self.w.collector.below(each, self.w.collector.object_type(name))
            own = [f for f in fields if f.name not in ("id", "code", "name", "__typename")]
            before = set(self.w.touched)
            written = self.object(self.w.catalog[name], var, fields)
            if not own:
                self.w.touched -= {t for t in self.w.touched - before if t[0] == name}
            if written.function not in functions:
                functions.append(written.function)
            which = functions.index(written.function)
            cases.append(f"WHEN {var}:{name} THEN [{which}, {written.expression}]")
        pick = f"({', '.join(functions)},)[v[0]](v[1], c)"
        return Written(f"CASE {' '.join(cases)} END", self.w.source.function(f"return {pick}"))
