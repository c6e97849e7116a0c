"""A record's changes in a plan: a later step, answered by the change log in one statement."""

from __future__ import annotations

from typing import Any

from resolvers.assemble import literal
from resolvers.params import Binding
from resolvers.plan import Later, Writer, page_size
from resolvers.selection import Selected

HISTORY_LIST = "history:-version"


def history_cursor(value: Any, binding: Binding) -> int:
    """The version that a history cursor stands at. Raises CursorInvalid."""
    return int(binding.cursor_key.read(value, HISTORY_LIST, 1)[0])


def write_history(w: Writer, each: Selected) -> str:
    """The function that names a record's changes: `v` is [rows as mappings, limit]."""

    def change(selected: Selected) -> str:
        parts = []
        for f in w.collector.below(selected, w.collector.object_type("Change")):
            text = literal("Change") if f.name == "__typename" else f"x[{f.name!r}]"
            if f.name == "position":
                text = f"str({text})"
            parts.append(f"{literal(f.key)}: {text}")
        return f"{{{', '.join(parts)}}}"

    cursor = f"c.cursor([{HISTORY_LIST!r}, x['version']])"
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
                    part = repr(each.args.get("after") is not None)
                else:
                    at = 0 if e.name == "startCursor" else -1
                    part = f"({cursor.replace('x[', f'r[{at}][')} if r else None)"
                parts.append(f"{literal(e.key)}: {part}")
            text = f"{{{', '.join(parts)}}}"
        entries.append(f"{literal(f.key)}: {text}")
    return w.source.function(
        "r, n = v", "more = len(r) > n", "r = r[:n]", f"return {{{', '.join(entries)}}}"
    )


def add_history(w: Writer, each: Selected) -> int:
    """Register the later step that reads changes; gives its place among the plan's."""
    w.params.path = each.path
    size = each.args.get("first")
    size = w.limits.default_page if size is None else size
    first = w.params.add(size, page_size(w.limits.max_page))
    after = each.args.get("after")
    bound = None if after is None else w.params.add(after, history_cursor)
    step = w.step()
    made = write_history(w, each)
    w.later[step] = Later("history", "", made, first[1:], None if bound is None else bound[1:])
    return step
