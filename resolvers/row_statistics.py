"""`eventStatistics(by:, filter:)`: events counted by what they have in common, as SQL."""

from __future__ import annotations

from typing import Any

from resolvers.assemble import literal
from resolvers.errors import BadInput
from resolvers.events import EVENT
from resolvers.params import Binding
from resolvers.plan import Written
from resolvers.row_plan import RowWriter
from resolvers.selection import Selected

MOST_GROUPS = 10_000
"""Bound on the groups of one answer; the largest are kept."""

DIVISIONS = {"SUBDISTRICT": "Subdistrict", "COMMUNITY": "Community", "GRID": "Grid"}

DIMENSIONS = {
    "HOUR": "The hour they began in, in the district's time zone: `2026-01-31T08`.",
    "DAY": "The day they began on, in the district's time zone.",
    "HOUR_OF_DAY": "The hour of the day, `00` to `23`, in the district's time zone.",
    "TYPE": "Their type.",
    "STATUS": "Whether they go on.",
    "VERDICT": "What people found.",
    "RULE": "The rule that found them.",
    "CAMERA": "The camera that saw them.",
    "VENUE": "The venue they concern.",
    "FIRM": "Who operated the venue then.",
    "SUBDISTRICT": "The subdistrict they lie in.",
    "COMMUNITY": "The community they lie in.",
    "GRID": "The grid they lie in.",
}


def zone(_: Any, binding: Binding) -> str:
    """The district's time zone."""
    return binding.zone


def event_statistics(writer: RowWriter, each: Selected) -> Written:
    """Groups `[count, confirmed, rejected, value, name …]`, the largest first."""
    w = writer.w
    w.touched.add((EVENT.name, "statistics"))
    by = list(dict.fromkeys(each.args["by"]))
    if len(by) > 5:
        raise BadInput("eventStatistics: count by at most five things at once")
    var = w.fresh("e")
    predicate = w.rows.predicate(EVENT, each.args.get("filter"), var)
    where = f" where {predicate}" if predicate else ""
    keys = "".join(f"{_value(writer, name, var)} as g{i}, " for i, name in enumerate(by))
    grouped = ", ".join(str(i + 1) for i in range(len(by)))
    inner = (
        f"select {keys}count(*) as n, "
        f"count(*) filter (where {var}.verdict = 'CONFIRMED') as confirmed, "
        f"count(*) filter (where {var}.verdict = 'REJECTED') as rejected "
        f"from {EVENT.table} {var}{where}"
        + (f" group by {grouped}" if by else " having count(*) > 0")
        + f" order by n desc{''.join(f', g{i}' for i in range(len(by)))} limit {MOST_GROUPS}"
    )
    named = "".join(f", s.g{i}, {_name(name, f's.g{i}')}" for i, name in enumerate(by))
    order = f"s.n desc{''.join(f', s.g{i}' for i in range(len(by)))}"
    expression = (
        f"(select coalesce(json_agg(json_build_array(s.n, s.confirmed, s.rejected{named}) "
        f"order by {order}), '[]') from ({inner}) s)"
    )
    return Written(expression, _function(writer, each, by))


def _value(writer: RowWriter, by: str, var: str) -> str:
    if by in ("HOUR", "DAY", "HOUR_OF_DAY"):
        at = f"({var}.opened_at at time zone {writer.w.params.add(None, zone)}::text)"
        form = {"HOUR": 'YYYY-MM-DD"T"HH24', "DAY": "YYYY-MM-DD", "HOUR_OF_DAY": "HH24"}[by]
        return f"to_char({at}, '{form}')"
    if by == "GRID":
        return f"{var}.grid"
    if by in DIVISIONS:  # the path holds district, subdistrict, community and grid
        return f"{var}.path[{2 if by == 'SUBDISTRICT' else 3}]"
    return f"{var}.{by.lower()}"


def _name(by: str, value: str) -> str:
    """The name of the record that a value is the code of, as the change log has it now."""
    if by not in (*DIVISIONS, "CAMERA", "VENUE", "FIRM"):
        return "null"
    return (
        "(select v.fields ->> 'name' from entity_versions v "
        f"where v.type = '{by.title()}' and v.code = {value} and v.to_position is null)"
    )


def _function(writer: RowWriter, each: Selected, by: list[str]) -> str:
    w = writer.w
    parts = []
    for f in w.collector.below(each, w.collector.object_type("EventStatistic")):
        if f.name == "__typename":
            text = literal("EventStatistic")
        elif f.name == "keys":
            text = f"[{', '.join(_key(writer, f, name, i) for i, name in enumerate(by))}]"
        elif f.name == "precision":
            text = "(x[1] / (x[1] + x[2]) if x[1] + x[2] else None)"
        else:
            text = f"x[{('count', 'confirmed', 'rejected').index(f.name)}]"
        parts.append(f"{literal(f.key)}: {text}")
    return w.source.function(f"return [{{{', '.join(parts)}}} for x in v]")


def _key(writer: RowWriter, f: Selected, by: str, at: int) -> str:
    inner = []
    for g in writer.w.collector.below(f, writer.w.collector.object_type("EventStatisticKey")):
        value = {
            "__typename": literal("EventStatisticKey"),
            "by": literal(by),
            "value": f"x[{3 + 2 * at}]",
            "name": f"x[{4 + 2 * at}]",
        }[g.name]
        inner.append(f"{literal(g.key)}: {value}")
    return f"{{{', '.join(inner)}}}"
