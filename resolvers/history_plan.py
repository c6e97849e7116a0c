"""A record's changes in a plan: a step of the next level, answered by the change log."""

from __future__ import annotations

from typing import Any

from resolvers.assemble import literal
from resolvers.params import Binding
from resolvers.plan import Later, Writer, page_size
from resolvers.selection import Selected

HISTORY_LIST = "history:-version"

INSTANT = "to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
"""An instant as the API writes it."""

COLUMNS = {
    "position": "str(x[0])",
    "version": "x[1]",
    "operation": "x[2]",
    "recordedAt": "x[3]",
    "actor": "x[4]",
    "source": "x[5]",
    "reason": "x[6]",
    "before": "(None if x[7] is None else told(x[7], x[8]))",
    "after": "told(x[9], x[10])",
}
"""Each field of a change, from the row `x` that the statement gives."""


def history_cursor(value: Any, binding: Binding) -> int:
    """The version that a history cursor stands at. Raises CursorInvalid."""
    return int(binding.cursor_key.read(value, HISTORY_LIST, 1)[0])


def history_key(type_name: str, code: str) -> str:
    """The key of a record in the step, as the expression over its type and code's source."""
    return f"{type_name + ':'!r} + {code}"


def add_history(w: Writer, each: Selected) -> int:
    """Register the step that reads changes, newest first; gives its place among the plan's."""
    w.params.path = each.path
    size = each.args.get("first")
    size = w.limits.default_page if size is None else size
    first = w.params.add(size, page_size(w.limits.max_page))
    after = each.args.get("after")
    below, newer = "", "false"
    if after is not None:
        place = f"{w.params.add(after, history_cursor)}::int"
        below = f" and v.version < {place}"
        newer = (
            "exists (select from entity_versions v where v.type = split_part(q.key, ':', 1) "
            f"and v.code = substr(q.key, strpos(q.key, ':') + 1) and v.version >= {place})"
        )
    step = w.step()
    rows = (
        f"select v.from_position, v.version, v.operation, {INSTANT.format('v.recorded_at')} as at, "
        "s.actor, s.source, s.reason, b.fields as fields_before, b.edges as edges_before, "
        "v.fields, v.edges from entity_versions v "
        "join change_sets s on s.position = v.from_position left join entity_versions b "
        "on b.type = v.type and b.code = v.code and b.version = v.version - 1 "
        "where v.type = split_part(q.key, ':', 1) "
        f"and v.code = substr(q.key, strpos(q.key, ':') + 1){below} "
        f"order by v.version desc limit {first}::int"
    )
    listed = (
        "select coalesce(json_agg(json_build_array(h.from_position, h.version, h.operation, h.at, "
        "h.actor, h.source, h.reason, h.fields_before, h.edges_before, h.fields, h.edges) "
        f"order by h.version desc), '[]') from ({rows}) h"
    )
    made = _page(w, each, first[1:])
    w.later[step] = Later(
        "postgres",
        f"(select coalesce(json_agg(json_build_array(q.key, ({listed}), {newer})), '[]') "
        f"from unnest($k{step}::text[]) as q(key))",
        w.source.function(f"return {{x[0]: {made}(x[1:], c) for x in v}}"),
    )
    return step


def _page(w: Writer, each: Selected, first: str) -> str:
    """The function that makes a record's connection of (its rows, whether some are newer)."""

    def change(selected: Selected) -> str:
        parts = []
        for f in w.collector.below(selected, w.collector.object_type("Change")):
            text = literal("Change") if f.name == "__typename" else COLUMNS[f.name]
            parts.append(f"{literal(f.key)}: {text}")
        return f"{{{', '.join(parts)}}}"

    cursor = f"c.cursor([{HISTORY_LIST!r}, x[1]])"
    entries = []
    for f in w.collector.below(each, w.collector.object_type("ChangeConnection")):
        if f.name == "__typename":
            text = literal("ChangeConnection")
        elif f.name == "nodes":
            text = f"[{change(f)} for x in r]"
        elif f.name == "edges":
            parts = []
            for e in w.collector.below(f, w.collector.object_type("ChangeEdge")):
                if e.name == "__typename":
                    part = literal("ChangeEdge")
                else:
                    part = cursor if e.name == "cursor" else change(e)
                parts.append(f"{literal(e.key)}: {part}")
            text = f"[{{{', '.join(parts)}}} for x in r]"
        else:
            parts = []
            for e in w.collector.below(f, w.collector.object_type("PageInfo")):
                if e.name == "__typename":
                    part = literal("PageInfo")
                elif e.name == "hasNextPage":
                    part = "more"
                elif e.name == "hasPreviousPage":
                    part = "v[1]"
                else:
                    at = 0 if e.name == "startCursor" else -1
                    part = f"({cursor.replace('x[', f'r[{at}][')} if r else None)"
                parts.append(f"{literal(e.key)}: {part}")
            text = f"{{{', '.join(parts)}}}"
        entries.append(f"{literal(f.key)}: {text}")
    return w.source.function(
        f"n = c.values[{first!r}] - 1",
        "more = len(v[0]) > n",
        "r = v[0][:n]",
        f"return {{{', '.join(entries)}}}",
    )
