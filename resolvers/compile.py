"""From an operation to its plan: one statement per store and level, whatever the operation's width
or depth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import FieldNode, GraphQLObjectType, OperationDefinitionNode, get_named_type

from resolvers.assemble import literal
from resolvers.catalog import Catalog
from resolvers.cypher import ObjectWriter
from resolvers.errors import TooComplex
from resolvers.plan import Answered, PageLimits, Plan, Writer
from resolvers.roots import HEAVY, ROOTS, ROW_ROOTS
from resolvers.row_plan import RowWriter
from resolvers.selection import Collector, Selected

MAX_HEAVY = 5
"""Bound on the root fields of an operation that look at many records."""


def compile_query(
    operation: OperationDefinitionNode,
    collector: Collector,
    catalog: Catalog,
    limits: PageLimits,
) -> Plan:
    """The plan of a query. Pure: the same operation and templates give the same plan.

    Raises InputError for arguments whose shape alone is wrong (`first` with `last`, say).
    """
    w = Writer(catalog, collector, limits)
    query = collector.schema.query_type
    assert query is not None
    roots = Roots(w)
    blank: dict[str, Any] = {}
    apart: list[FieldNode] = []
    heavy = 0
    for each in collector.root(query, operation.selection_set):
        blank[each.key] = query.name if each.name == "__typename" else None
        if each.name == "__typename":
            roots.entries.append(f"{literal(each.key)}: {literal(query.name)}")
            continue
        if each.name not in ROOTS and each.name not in ROW_ROOTS:
            apart += each.nodes
            roots.entries.append(f"{literal(each.key)}: c.apart.get({each.key!r})")
            continue
        heavy += each.name in HEAVY
        if heavy > MAX_HEAVY:
            told = f"an operation holds at most {MAX_HEAVY} of {' and '.join(sorted(HEAVY))}"
            raise TooComplex(told, path=list(each.path), limit=MAX_HEAVY)
        roots.add(each, nullable=not str(query.fields[each.name].type).endswith("!"))
    plan = made_plan(w, roots)
    return replace(plan, apart=tuple(apart), blank=blank)


class Roots:
    """The root fields of a query: one expression each, of its store's statement."""

    def __init__(self, w: Writer) -> None:
        self.w = w
        self.objects = ObjectWriter(w)
        self.rows = RowWriter(self.objects)
        self.entries: list[str] = []
        self.graph: list[str] = []
        self.sql: list[str] = []
        self.answered: list[Answered] = []

    def add(self, each: Selected, *, nullable: bool) -> None:
        """Write one root field."""
        self.w.params.path = each.path
        if each.name in ROW_ROOTS:
            written = ROW_ROOTS[each.name](self.rows, each)
            store, values, there = "postgres", "c.rows", self.sql
        else:
            written = ROOTS[each.name](self.objects, each)
            store, values, there = "neo4j", "v", self.graph
        if written.expression not in there:
            there.append(written.expression)
        value = f"{written.function}({values}[{there.index(written.expression)}], c)"
        if nullable:
            value = f"None if {values} is None else {value}"
        self.entries.append(f"{literal(each.key)}: {value}")
        self.answered.append(Answered(each.key, store, nullable))


def compile_payloads(
    operation: OperationDefinitionNode,
    collector: Collector,
    catalog: Catalog,
    limits: PageLimits,
) -> Plan:
    """What a mutation's payloads select, as a plan that is bound but never run.

    Binding it refuses bad arguments and fields that the caller may not read before anything is
    written.
    """
    w = Writer(catalog, collector, limits)
    roots = Roots(w)
    mutation = collector.schema.mutation_type
    assert mutation is not None
    changed = {f"{verb}{e.name}": e for e in catalog for verb in ("create", "update", "retire")}
    for each in collector.root(mutation, operation.selection_set):
        entity = changed.get(each.name)
        payload = get_named_type(mutation.fields[each.name].type)
        if not isinstance(payload, GraphQLObjectType):
            continue
        for part in collector.below(each, payload):
            if entity is not None and part.name == entity.lookup:
                kind = collector.object_type(entity.name)
                roots.objects.object(entity, w.fresh(), collector.below(part, kind))
            elif part.name != "__typename":
                row = catalog.rows.get(get_named_type(payload.fields[part.name].type).name)
                if row is not None:
                    roots.rows.object(row, part)
    return made_plan(w, roots)


def made_plan(w: Writer, roots: Roots) -> Plan:
    """The plan of what was written."""
    root = w.source.function(f"return {{{', '.join(roots.entries)}}}")
    functions = w.source.compile()
    later = tuple(step for step in w.later if step is not None)
    assert len(later) == len(w.later)
    return Plan(
        statement=f"RETURN [{', '.join(roots.graph)}] AS answer" if roots.graph else "",
        rows=f"select json_build_array({', '.join(roots.sql)})" if roots.sql else "",
        params=tuple(w.params),
        source=w.source.text(),
        build=functions[root],
        later=later,
        fills=tuple(functions[step.function] for step in later),
        touched=frozenset(w.touched),
        pages=tuple(w.pages),
        roots=tuple(roots.answered),
    )
