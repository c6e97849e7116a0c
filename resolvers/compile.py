"""From an operation to its plan: one statement, whatever the operation's width or depth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import FieldNode, OperationDefinitionNode

from resolvers.assemble import literal
from resolvers.catalog import Catalog
from resolvers.cypher import ObjectWriter
from resolvers.errors import TooComplex
from resolvers.plan import PageLimits, Plan, Writer
from resolvers.roots import HEAVY, ROOTS
from resolvers.selection import Collector

INTROSPECTION = ("__schema", "__type", "_service")
"""Root fields that graphql-core answers, from the schema alone."""
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
    writer = ObjectWriter(w)
    query = collector.schema.query_type
    assert query is not None
    expressions: list[str] = []
    entries: list[str] = []
    roots: list[tuple[str, bool]] = []
    blank: dict[str, Any] = {}
    introspection: list[FieldNode] = []
    heavy = 0
    for each in collector.root(query, operation.selection_set):
        blank[each.key] = query.name if each.name == "__typename" else None
        if each.name == "__typename":
            entries.append(f"{literal(each.key)}: {literal(query.name)}")
            continue
        if each.name in INTROSPECTION:
            introspection += each.nodes
            entries.append(f"{literal(each.key)}: c.introspected.get({each.key!r})")
            continue
        heavy += each.name in HEAVY
        if heavy > MAX_HEAVY:
            told = f"an operation holds at most {MAX_HEAVY} of {' and '.join(sorted(HEAVY))}"
            raise TooComplex(told, path=list(each.path), limit=MAX_HEAVY)
        w.params.path = each.path
        written = ROOTS[each.name](writer, each)
        if written.expression not in expressions:
            expressions.append(written.expression)
        at = expressions.index(written.expression)
        entries.append(f"{literal(each.key)}: {written.function}(v[{at}], c)")
        nullable = not str(query.fields[each.name].type).endswith("!")
        roots.append((each.key, nullable))
    plan = _plan(w, expressions, entries, roots)
    return replace(plan, introspection=tuple(introspection), blank=blank)


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
    writer = ObjectWriter(w)
    mutation = collector.schema.mutation_type
    assert mutation is not None
    changed = {f"{verb}{e.name}": e for e in catalog for verb in ("create", "update", "retire")}
    for each in collector.root(mutation, operation.selection_set):
        entity = changed.get(each.name)
        if entity is None:
            continue
        for part in collector.below(each, collector.object_type(f"{entity.name}Payload")):
            if part.name == entity.lookup:
                kind = collector.object_type(entity.name)
                writer.object(entity, w.fresh(), collector.below(part, kind))
    return _plan(w, [], [], [])


def _plan(
    w: Writer, expressions: list[str], entries: list[str], roots: list[tuple[str, bool]]
) -> Plan:
    root = w.source.function(f"return {{{', '.join(entries)}}}")
    functions = w.source.compile()
    return Plan(
        statement=f"RETURN [{', '.join(expressions)}] AS answer" if expressions else "",
        params=tuple(w.params),
        source=w.source.text(),
        build=functions[root],
        later=tuple(w.later),
        fills=tuple(functions[step.fill] for step in w.later),
        touched=frozenset(w.touched),
        pages=tuple(w.pages),
        roots=tuple(roots),
    )
