"""Root fields: each becomes one expression of the statement. A further one is one function here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resolvers.assemble import literal
from resolvers.catalog import Entity, snake
from resolvers.connections import Listing, PageWriter, write_connection
from resolvers.cypher import DIVISIONS, ObjectWriter
from resolvers.errors import BadInput, StoreUnavailable
from resolvers.filters import bounded
from resolvers.ids import read_id
from resolvers.model import CATALOG
from resolvers.ordering import TYPE, Order, OrderKey
from resolvers.params import Binding
from resolvers.plan import Page, Writer, Written
from resolvers.representations import entities
from resolvers.row_plan import Root as RowRoot
from resolvers.row_plan import row_listing, row_lookup
from resolvers.row_statistics import event_statistics
from resolvers.search import index_query, word_list
from resolvers.selection import Selected
from resolvers.shapes import check_point

Root = Callable[[ObjectWriter, Selected], Written]

READABLE = "any(t IN labels({var}) WHERE t IN {readable})"


def readable(_: Any, binding: Binding) -> list[str]:
    """The types of record that the caller may read."""
    return sorted(name for name in binding.rights.readable if name in CATALOG)


def _may_read(writer: ObjectWriter, var: str) -> str:
    return READABLE.format(var=var, readable=writer.w.params.add(None, readable))


def lookup(entity: Entity) -> Root:
    """`venue(code:)`: one record by its code."""

    def write(writer: ObjectWriter, each: Selected) -> Written:
        code = writer.w.params.add(each.args["code"])
        return _one(writer, entity, code, each)

    return write


def _one(writer: ObjectWriter, entity: Entity, code: str, each: Selected) -> Written:
    w = writer.w
    var = w.fresh()
    w.touched.add((entity.name, "code"))
    fields = w.collector.below(each, w.collector.object_type(entity.name))
    found = writer.object(entity, var, fields)
    return Written(
        f"head(COLLECT {{ MATCH ({var}:{entity.name} {{code: {code}}}) "
        f"RETURN {found.expression} }})",
        w.source.function(f"return None if v is None else {found.function}(v, c)"),
    )


def listing(entity: Entity) -> Root:
    """`venues(…)`: all records of a type, as a connection."""

    def write(writer: ObjectWriter, each: Selected) -> Written:
        var = writer.w.fresh()
        name = f"Query.{each.name}"
        whole = Listing(entity, name, var, f"({var}:{entity.name})", whole=True)
        return write_connection(writer, whole, each)

    return write


def node_place(value: Any, _: Binding) -> dict[str, str]:
    """The type and code that an id stands for."""
    type_name, code = read_id(value, CATALOG)
    return {"type": type_name, "code": code}


def node(writer: ObjectWriter, each: Selected) -> Written:
    """`node(id:)`."""
    w = writer.w
    var = w.fresh()
    place = w.params.add(each.args["id"], node_place)
    found = writer.record(var, each)
    return Written(
        f"head(COLLECT {{ MATCH ({var}:Record {{code: {place}.code}}) "
        f"WHERE {place}.type IN labels({var}) AND {_may_read(writer, var)} "
        f"RETURN {found.expression} }})",
        w.source.function(f"return None if v is None else {found.function}(v, c)"),
    )


def node_places(maximum: int) -> Callable[[Any, Binding], list[dict[str, str]]]:
    """The conversion of `ids`, at most as many as a page may hold."""
    if maximum not in _NODE_PLACES:

        def places(value: Any, binding: Binding) -> list[dict[str, str]]:
            if len(value) > maximum:
                raise BadInput(f"nodes: at most {maximum} ids at a time, not {len(value)}")
            return [node_place(each, binding) for each in value]

        _NODE_PLACES[maximum] = places
    return _NODE_PLACES[maximum]


_NODE_PLACES: dict[int, Callable[[Any, Binding], list[dict[str, str]]]] = {}


def nodes(writer: ObjectWriter, each: Selected) -> Written:
    """`nodes(ids:)`: in the order of the ids, null where there is none."""
    w = writer.w
    var, place, at = w.fresh(), w.fresh("x"), w.fresh("i")
    places = w.params.add(each.args["ids"], node_places(w.limits.max_page))
    outer, w.pages = w.pages, []
    found = writer.record(var, each)
    w.pages = [*outer, Page(places[1:], tuple(w.pages))]
    return Written(
        f"COLLECT {{ UNWIND range(0, size({places}) - 1) AS {at} WITH {at}, {places}[{at}] AS "
        f"{place} OPTIONAL MATCH ({var}:Record {{code: {place}.code}}) "
        f"WHERE {place}.type IN labels({var}) AND {_may_read(writer, var)} "
        f"WITH {at}, {var} ORDER BY {at} RETURN {found.expression} }}",
        w.source.function(f"return [None if x is None else {found.function}(x, c) for x in v]"),
    )


def locate(writer: ObjectWriter, each: Selected) -> Written:
    """`locate(code:)`: every record with the code, by type."""
    w = writer.w
    var = w.fresh()
    code = w.params.add(each.args["code"])
    found = writer.record(var, each)
    return Written(
        f"COLLECT {{ MATCH ({var}:Record {{code: {code}}}) WHERE {_may_read(writer, var)} "
        f"WITH {var} ORDER BY [t IN labels({var}) WHERE t <> 'Record'][0] "
        f"RETURN {found.expression} }}",
        w.source.function(f"return [{found.function}(x, c) for x in v]"),
    )


def grid_code(value: Any, binding: Binding) -> str | None:
    """The code of the grid at a position. Raises CoordinatesInvalid."""
    placement = binding.placement
    if placement is None:
        raise StoreUnavailable("the grids are still being read; try again in a moment")
    longitude, latitude = check_point(value["longitude"], value["latitude"], placement.bounds)
    placed = placement.place(longitude, latitude)
    return None if placed is None else placed.grid_code


def grid_at(writer: ObjectWriter, each: Selected) -> Written:
    """`gridAt(longitude:, latitude:)`: placed by the shapes in memory, then read as any grid."""
    at = {"longitude": each.args["longitude"], "latitude": each.args["latitude"]}
    code = writer.w.params.add(at, grid_code)
    return _one(writer, CATALOG["Grid"], code, each)


def search(writer: ObjectWriter, each: Selected) -> Written:
    """`search(…)`: the full-text index, then types, divisions and rights as predicates."""
    w = writer.w
    var, score = w.fresh(), w.fresh("s")
    query = w.params.add(each.args["text"], index_query)
    looked_for = w.params.add(each.args["text"], word_list)
    conditions = [f"{var}.retired_at IS NULL", _may_read(writer, var)]
    if each.args.get("types") is not None:
        conditions.append(f"any(t IN labels({var}) WHERE t IN {w.params.add(each.args['types'])})")
    if each.args.get("within") is not None:
        codes = w.params.add(each.args["within"], bounded)
        far = w.fresh()
        conditions.append(
            f"EXISTS {{ MATCH ({var})-[:COVERS*0..1]->()-[:IN*1..6]->({far}:Record) "
            f"WHERE {far}.code IN {codes} }}"
        )
    order = Order("search", (OrderKey("score", True), OrderKey("code"), OrderKey(TYPE)), score)

    def found(var: str, selected: Selected) -> Written:
        return writer.record(var, selected)

    page = PageWriter(writer, "", var, conditions, order, "SearchConnection", found)
    page.match = (
        f"CALL db.index.fulltext.queryNodes('record_text', {query}) "
        f"YIELD node AS {var}, score AS {score} WITH {var}, {score}"
    )
    page.counted = f" RETURN {var}"
    page.carried = (score,)
    page.edge_entry = lambda f: (
        page.item(score) if f.name == "score" else _matches(page, w, f, looked_for)
    )
    return page.write(each)


def _matches(page: PageWriter, w: Writer, each: Selected, looked_for: str) -> str:
    """The fields of a hit that hold words of the search, marked."""
    searched = dict.fromkeys(
        (field.name, field.prop)
        for entity in w.catalog
        for field in entity.all_fields
        if field.search
    )
    pairs = ", ".join(f"({name!r}, {page.item(f'{page.var}.{prop}')})" for name, prop in searched)
    parts = []
    for f in w.collector.below(each, w.collector.object_type("SearchMatch")):
        if f.name == "__typename":
            text = literal("SearchMatch")
        elif f.name == "field":
            text = "m['field']"
        else:
            names = w.collector.below(f, w.collector.object_type("TextPart"))
            inner = ", ".join(
                f"{g.key!r}: "
                + (literal("TextPart") if g.name == "__typename" else f"p[{g.name!r}]")
                for g in names
            )
            text = f"[{{{inner}}} for p in m['parts']]"
        parts.append(f"{literal(f.key)}: {text}")
    marked = f"mark(c.values[{looked_for[1:]!r}], [{pairs}])"
    return f"[{{{', '.join(parts)}}} for m in {marked}]"


def statistics(writer: ObjectWriter, each: Selected) -> Written:
    """`statistics(of:, by:)`: counted per grid first, then lifted to the division asked for."""
    w = writer.w
    entity = w.catalog[each.args["of"]]
    w.touched.add((entity.name, "statistics"))
    var = w.fresh()
    conditions = [f"{var}.retired_at IS NULL"]
    if each.args.get("within") is not None:
        conditions.append(w.filters.within(entity, each.args["within"], var))
    groups: list[tuple[str, str]] = []
    joins: list[str] = []
    for by in dict.fromkeys(each.args["by"]):
        groups.append(_dimension(writer, entity, var, by, joins))
    names = [(w.fresh("k"), w.fresh("t")) for _ in groups]
    keys = "".join(
        f"{value} AS {k}, {title} AS {t}, "
        for (value, title), (k, t) in zip(groups, names, strict=True)
    )
    count = w.fresh("total")
    order = ", ".join([f"{count} DESC", *(k for k, _ in names)])
    flat = ", ".join([count, *(part for pair in names for part in pair)])
    expression = (
        f"COLLECT {{ MATCH ({var}:{entity.name}) WHERE {' AND '.join(conditions)} "
        f"{' '.join(joins)}{' ' if joins else ''}"
        f"WITH {keys}count({var}) AS {count} "
        f"{'' if groups else f'WHERE {count} > 0 '}ORDER BY {order} RETURN [{flat}] }}"
    )
    return Written(expression, _statistic_function(w, each))


def _dimension(
    writer: ObjectWriter, entity: Entity, var: str, by: str, joins: list[str]
) -> tuple[str, str]:
    """The value and the name to group by; what must be matched for it goes to `joins`."""
    w = writer.w
    for field in entity.all_fields:
        if field.dimension and snake(field.name).upper() == by:
            return f"toString({var}.{field.prop})", "null"
    for edge in entity.edges:
        if edge.dimension and snake(edge.name).upper() == by:
            far = w.fresh()
            joins.append(f"OPTIONAL MATCH ({var})-[:{edge.relationship}]->({far})")
            return f"{far}.code", f"{far}.name"
    division = next((d for d in DIVISIONS if d.upper() == by), None)
    lies = (
        entity.located
        or entity.chains
        or (entity.level or 0) > (w.catalog[division].level or 0 if division else 99)
    )
    if division is None or not lies:
        raise BadInput(f"statistics of {entity.name} cannot be counted by {by}")
    far = w.fresh()
    up = "".join(f"-[:{rel}]->()" for rel, _ in _to_located(writer, entity))
    joins.append(f"OPTIONAL MATCH ({var}){up}-[:IN*1..5]->({far}:{division})")
    return f"{far}.code", f"{far}.name"


def _to_located(writer: ObjectWriter, entity: Entity) -> tuple[tuple[str, str], ...]:
    return writer.w.catalog.steps(entity, entity.chains[0])[:-1] if entity.chains else ()


def _statistic_function(w: Writer, each: Selected) -> str:
    by = list(dict.fromkeys(each.args["by"]))
    parts = []
    for f in w.collector.below(each, w.collector.object_type("Statistic")):
        if f.name == "__typename":
            text = literal("Statistic")
        elif f.name == "count":
            text = "x[0]"
        else:
            keys = []
            for i, name in enumerate(by):
                inner = []
                for g in w.collector.below(f, w.collector.object_type("StatisticKey")):
                    value = {
                        "__typename": literal("StatisticKey"),
                        "by": literal(name),
                        "value": f"x[{1 + 2 * i}]",
                        "name": f"x[{2 + 2 * i}]",
                    }[g.name]
                    inner.append(f"{literal(g.key)}: {value}")
                keys.append(f"{{{', '.join(inner)}}}")
            text = f"[{', '.join(keys)}]"
        parts.append(f"{literal(f.key)}: {text}")
    return w.source.function(f"return [{{{', '.join(parts)}}} for x in v]")


HEAVY = frozenset({"search", "statistics", "eventStatistics"})
"""Root fields that look at many records whatever they answer; an operation may hold a few."""

ROOTS: dict[str, Root] = {
    **{entity.lookup: lookup(entity) for entity in CATALOG},
    **{entity.listing: listing(entity) for entity in CATALOG},
    "node": node,
    "nodes": nodes,
    "locate": locate,
    "gridAt": grid_at,
    "search": search,
    "statistics": statistics,
    "_entities": entities,
}

ROW_ROOTS: dict[str, RowRoot] = {
    **{row.lookup: row_lookup(row) for row in CATALOG.rows.values()},
    **{row.listing: row_listing(row) for row in CATALOG.rows.values()},
    "eventStatistics": event_statistics,
}
"""Root fields that PostgreSQL answers."""
