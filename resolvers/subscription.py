"""Subscriptions: what an operation follows, whom an event concerns, and the messages made of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from resolvers.assemble import Run
from resolvers.cursors import CursorKey
from resolvers.events import EVENT
from resolvers.levels import Levels, Statements
from resolvers.params import Binding
from resolvers.plan import Plan
from resolvers.rights import Rights
from resolvers.row_matching import Predicate, predicate, terms
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres


class Match(Enum):
    """How a version of an event stands to a filter."""

    NONE = "none"
    NOW = "now"
    """It matches."""
    LEFT = "left"
    """It does not, but the version before did."""


@dataclass(slots=True)
class Item:
    """What one message tells."""

    cursor: str
    doc: Mapping[str, Any] | None
    """None in a heartbeat."""
    left: bool = False
    skipped: int = 0


@dataclass(frozen=True, eq=False)
class Subscribed:
    """One subscription, compiled and bound."""

    source: str
    """Which log it follows: `events` or `changes`."""
    group: Hashable
    """Equal for equal operation, variables (but for `after`) and rights: one evaluation for all."""
    after: str | None
    coalesce: bool
    terms: tuple[tuple[str, str], ...]
    """Of these (attribute, value) pairs an event, or its version before, carries at least one if it
    concerns the subscriber; empty: it must be tried on each."""
    plan: Plan
    values: dict[str, Any]
    cursor_key: CursorKey
    matches: Predicate
    graph: Graph
    postgres: Postgres

    def match(self, doc: Mapping[str, Any]) -> Match:
        """How a version stands to the filter; looks at it and at what it changed, nothing else."""
        if self.matches(doc):
            return Match.NOW
        before = doc.get("before")
        if before is None:
            return Match.NONE
        return Match.LEFT if self.matches({**doc, **before}) else Match.NONE

    async def evaluate(self, items: Sequence[Item]) -> list[bytes]:
        """The execution result of each item, as JSON; one statement per store and level for all.

        Raises StoreUnavailable, and nothing is answered then.
        """
        run = Run(self.values, self.cursor_key)
        made = [self.plan.build(item, run) for item in items]
        if run.deferred:
            levels = Levels(self.graph, self.postgres, self.plan, run, Statements(), strict=True)
            await levels.below(made)
        return [orjson.dumps({"data": each}) for each in made]


def subscribed(
    plan: Plan,
    bound: dict[str, Any],
    binding: Binding,
    digest: str,
    graph: Graph,
    postgres: Postgres,
) -> Subscribed:
    """The subscription of a plan and its bound parameters."""
    followed = plan.followed
    assert followed is not None
    given = None if followed.filter is None else bound[followed.filter]
    after = None if followed.after is None else bound[followed.after]
    values = {name: value for name, value in bound.items() if name != followed.after}
    if followed.source == "events":
        matches, found = predicate(EVENT, given, binding), terms(given)
    else:
        matches, found = of_change(given, binding.rights), terms_of_change(given)
    return Subscribed(
        source=followed.source,
        group=(
            digest,
            plan.source,
            orjson.dumps(values, option=orjson.OPT_SORT_KEYS),
            binding.rights.readable,
            followed.coalesce,
        ),
        after=after,
        coalesce=followed.coalesce,
        terms=found,
        plan=plan,
        values=values,
        cursor_key=binding.cursor_key,
        matches=matches,
        graph=graph,
        postgres=postgres,
    )


def of_change(given: Mapping[str, Any] | None, rights: Rights) -> Predicate:
    """Which changes of the graph a filter takes, of the types that may be read."""
    asked = given or {}
    types, codes, operations = (asked.get(name) for name in ("types", "codes", "operations"))
    readable = rights.readable if types is None else rights.readable.intersection(types)
    wanted = None if codes is None else frozenset(codes)
    return lambda doc: (
        doc["type"] in readable
        and (wanted is None or doc["code"] in wanted)
        and (operations is None or doc["operation"] in operations)
    )


def terms_of_change(given: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """As `row_matching.terms`, for changes of the graph: by code, else by type."""
    for attribute, name in (("code", "codes"), ("type", "types")):
        values = (given or {}).get(name)
        if values:
            return tuple((attribute, value) for value in dict.fromkeys(values))
    return ()
