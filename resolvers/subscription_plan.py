"""The plan of a subscription: no statement at its top, since its events come to it."""

from __future__ import annotations

from dataclasses import replace

from graphql import OperationDefinitionNode

from resolvers.assemble import literal
from resolvers.catalog import Catalog
from resolvers.compile import Roots, made_plan
from resolvers.errors import BadRequest
from resolvers.events import EVENT
from resolvers.filters import bounded
from resolvers.plan import Followed, PageLimits, Plan, Writer
from resolvers.selection import Collector, Selected

CHANGE = "GraphChange"
"""The type whose reading a follower of the change log needs the right to."""


def compile_subscription(
    operation: OperationDefinitionNode,
    collector: Collector,
    catalog: Catalog,
    limits: PageLimits,
) -> Plan:
    """The plan of a subscription. Its function makes the answer's `data` of an `Item`."""
    root = collector.schema.subscription_type
    assert root is not None
    w = Writer(catalog, collector, limits)
    roots = Roots(w)
    selected = collector.root(root, operation.selection_set)
    if len(selected) != 1 or selected[0].name not in WRITERS:
        raise BadRequest("a subscription has exactly one field, which no directive leaves out")
    each = selected[0]
    w.params.path = each.path
    kind, writer = WRITERS[each.name]
    parts = []
    for f in collector.below(each, collector.object_type(kind)):
        if f.name == "__typename":
            text = literal(kind)
        elif f.name in ("cursor", "left", "skipped"):
            text = f"v.{f.name}"
        else:
            text = f"(None if v.doc is None else {writer(roots, f)}(v.doc, c))"
        parts.append(f"{literal(f.key)}: {text}")
    roots.entries.append(f"{literal(each.key)}: {{{', '.join(parts)}}}")
    w.params.path = each.path
    if each.name == "events":
        w.touched.add((EVENT.name, "id"))
        w.rows.predicate(EVENT, each.args.get("filter"), "e")  # its conversions check the values
    else:
        w.touched.add((CHANGE, "code"))
        for name in ("types", "codes", "operations"):
            values = (each.args.get("filter") or {}).get(name)
            if values is not None:
                w.params.add(values, bounded)
    given = each.args.get("filter")
    after = each.args.get("after")
    followed = Followed(
        "events" if each.name == "events" else "changes",
        None if given is None else w.params.add(given)[1:],
        None if after is None else w.params.add(after)[1:],
        bool(each.args.get("coalesce")),
    )
    return replace(made_plan(w, roots), followed=followed)


def _event(roots: Roots, each: Selected) -> str:
    return roots.rows.object(EVENT, each)


def _change(roots: Roots, each: Selected) -> str:
    w = roots.w
    parts = []
    for f in w.collector.below(each, w.collector.object_type(CHANGE)):
        w.touched.add((CHANGE, f.name))
        if f.name == "__typename":
            w.touched.discard((CHANGE, f.name))
            text = literal(CHANGE)
        elif f.name == "after":
            text = "told(v['fields'], v['edges'])"
        elif f.name == "position":
            text = "str(v['position'])"
        else:
            text = f"v[{f.name!r}]"
        parts.append(f"{literal(f.key)}: {text}")
    return w.source.function(f"return {{{', '.join(parts)}}}")


WRITERS = {"events": ("EventDelivery", _event), "graphChanges": ("GraphChangeDelivery", _change)}
"""Root fields: the type of their messages, and what writes the function of its object."""
