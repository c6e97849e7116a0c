"""Runs a plan: the statements of its top, then level by level what further statements fill in.

A level is one statement per store, whatever the number of records and rows that wait on it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from resolvers.assemble import Deferred, Run
from resolvers.errors import HubError
from resolvers.operation import StatementRun
from resolvers.plan import Plan
from resolvers.sql import positional
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres


@dataclass
class Statements:
    """The statements one operation ran."""

    runs: list[StatementRun] = field(default_factory=list)

    def add(self, store: str, text: str, began: int) -> None:
        self.runs.append(StatementRun(store, text, began, time.time_ns() - began))


class Levels:
    """Runs the statements of one operation."""

    def __init__(
        self,
        graph: Graph,
        postgres: Postgres,
        plan: Plan,
        run: Run,
        statements: Statements,
        *,
        strict: bool = False,
    ) -> None:
        """`strict`: a store's failure below the top is raised, not told in the answer."""
        self._graph = graph
        self._postgres = postgres
        self._plan = plan
        self._run = run
        self._statements = statements
        self._strict = strict
        self._failed: list[tuple[str, HubError]] = []

    async def top(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """The answer's data as far as the top's statements give it, and the errors of root fields
        whose store failed. No data where one of them may not be null."""
        plan = self._plan
        record: list[Any] | None = [[]]
        if plan.statement:
            record = await self._cypher(plan.statement, plan.sent(self._run.values))
        if plan.rows:
            self._run.rows = await self._sql(*plan.sql, {})
        failed = dict(self._failed)
        errors = [
            {**failed[root.store].as_dict(), "path": [root.key]}
            for root in plan.roots
            if root.store in failed
        ]
        if any(root.store in failed and not root.nullable for root in plan.roots):
            return None, errors
        if len(failed) == len({root.store for root in plan.roots}) and failed:
            return {**plan.blank, **self._run.apart}, errors
        return plan.build(record[0] if record is not None else None, self._run), errors

    async def below(self, data: Any) -> list[dict[str, Any]]:
        """Fill in what further levels answer; gives the errors of what could not be."""
        errors: list[dict[str, Any]] = []
        while self._run.deferred:
            waiting, self._run.deferred = self._run.deferred, []
            by_store: dict[str, list[Deferred]] = {}
            for each in waiting:
                by_store.setdefault(self._plan.later[each.step].store, []).append(each)
            for store, places in by_store.items():
                self._failed = []
                try:
                    await self._fill(store, places)
                except HubError as error:
                    if self._strict:
                        raise
                    targets = {(id(each.target), each.key) for each in places}
                    errors += [{**error.as_dict(), "path": p} for p in _paths(data, targets, [])]
        return errors

    async def _fill(self, store: str, places: list[Deferred]) -> None:
        steps = sorted({each.step for each in places})
        keys = {
            f"k{step}": list(dict.fromkeys(each.of for each in places if each.step == step))
            for step in steps
        }
        expressions = [self._plan.later[step].expression for step in steps]
        found: list[Any] | None
        if store == "neo4j":
            text = f"RETURN [{', '.join(expressions)}] AS answer"
            _, names = positional(text)
            values = {**self._run.values, **keys}
            record = await self._cypher(text, {name: values[name] for name in names})
            found = None if record is None else record[0]
        else:
            text = f"select json_build_array({', '.join(expressions)})"
            found = await self._sql(*positional(text), keys)
        if found is None:
            raise self._failed[0][1]
        made = {
            step: self._plan.fills[step](value, self._run)
            for step, value in zip(steps, found, strict=True)
        }
        for each in places:
            each.target[each.key] = made[each.step].get(each.of)

    async def _cypher(self, text: str, values: dict[str, Any]) -> list[Any] | None:
        """The record that a statement returns; None where the store failed."""
        began = time.time_ns()
        try:
            record = await self._graph.run_record(text, values)
        except HubError as error:
            self._failed.append(("neo4j", error))
            return None
        self._statements.add("neo4j", text, began)
        assert record is not None
        return record

    async def _sql(
        self, text: str, names: tuple[str, ...], keys: dict[str, Any]
    ) -> list[Any] | None:
        """The list that a statement returns; None where the store failed."""
        values = {**self._run.values, **keys}
        began = time.time_ns()
        try:
            found = await self._postgres.fetchval(text, *(values[name] for name in names))
        except HubError as error:
            self._failed.append(("postgres", error))
            return None
        self._statements.add("postgres", text, began)
        listed: list[Any] = orjson.loads(found)
        return listed


def _paths(
    value: Any, targets: set[tuple[int, str]], path: list[str | int]
) -> Iterable[list[str | int]]:
    """The response paths of places that could not be filled."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if (id(value), key) in targets:
                yield [*path, key]
            else:
                yield from _paths(inner, targets, [*path, key])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, targets, [*path, index])
