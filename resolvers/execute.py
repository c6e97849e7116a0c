"""Runs operations: compile or take the plan from the cache, bind, one statement per store and
level, bytes. What the compiler does not take (introspection, mutations) goes to graphql-core."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql import execute as graphql_execute
from graphql.execution.values import VariableValues, get_variable_values

from resolvers.assemble import Deferred, Run
from resolvers.catalog import Catalog
from resolvers.compile import compile_payloads, compile_query
from resolvers.cursors import CursorKey
from resolvers.errors import BadInput, HubError, Internal
from resolvers.history import HISTORY, Asked, history
from resolvers.operation import Answer, ParsedDocument, StatementRun, Wanted
from resolvers.params import Binding
from resolvers.placement import Placement
from resolvers.plan import PageLimits, Plan
from resolvers.reference import RequestContext
from resolvers.rights import Rights
from resolvers.selection import Collector, freeze, template_of
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres

log = structlog.get_logger("resolvers.execute")

JSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS


@dataclass
class Services:
    """What execution stands on. `placement` is replaced when grids change."""

    graph: Graph
    postgres: Postgres
    placement: Placement | None
    """None until the grids were read for the first time."""
    changes: Any = None
    """The commands behind mutations (`resolvers.changes`)."""


@dataclass
class Statements:
    """The statements one operation ran."""

    runs: list[StatementRun] = field(default_factory=list)

    def add(self, store: str, text: str, began: int) -> None:
        self.runs.append(StatementRun(store, text, began, time.time_ns() - began))


class Executor:
    """The compiled path, with graphql-core's executor as its reference."""

    def __init__(
        self,
        schema: GraphQLSchema,
        catalog: Catalog,
        services: Services,
        cursor_key: CursorKey,
        *,
        limits: PageLimits | None = None,
        plans: int = 2_000,
    ) -> None:
        self.schema = schema
        self.catalog = catalog
        self.services = services
        self.cursor_key = cursor_key
        self.limits = limits or PageLimits()
        self._plans: OrderedDict[Any, Plan] = OrderedDict()
        self._capacity = plans

    async def execute(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
        want: Wanted,
    ) -> Answer:
        """Answer one operation.

        Raises HubError for what stops it before it runs: variables of the wrong type (BadInput),
        rights, bad arguments.
        """
        operation = document.operation(operation_name)
        statements = Statements()
        plan, bound = self.prepare(document, operation, variables, rights)
        if want.reference or operation.operation is OperationType.MUTATION:
            return await self._by_reference(
                document, operation, variables, rights, statements, want
            )
        run = Run(bound, self.cursor_key)
        if plan.introspection:
            run.introspected = self._introspect(plan, document, operation, variables)
        return await self._run(plan, run, statements, want)

    def prepare(
        self,
        document: ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        rights: Rights,
    ) -> tuple[Plan, dict[str, Any]]:
        """The operation's plan and its bound parameters: all that can refuse it before it runs.

        Pure but for the caches. Raises HubError, as `execute` does.
        """
        values = self.coerce(operation, variables)
        if operation.operation is OperationType.MUTATION:
            rights.check_write()
        plan = self.plan(document, operation, values)
        binding = Binding(values.coerced, rights, self.cursor_key, self.services.placement)
        return plan, plan.bind(binding, self.limits)

    def coerce(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> VariableValues:
        """The operation's variables, coerced. Raises BadInput naming each that is wrong."""
        found = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(variables), 10
        )
        if isinstance(found, VariableValues):
            return found
        raise VariablesInvalid(found)

    def plan(
        self, document: ParsedDocument, operation: OperationDefinitionNode, values: VariableValues
    ) -> Plan:
        """The plan of an operation, from the cache where its shape was seen before."""
        templates = {
            name: template_of(value, values.sources[name].signature.type, (name,))
            for name, value in values.coerced.items()
        }
        name = operation.name.value if operation.name else None
        key = (document.digest, name, freeze(templates))
        plan = self._plans.get(key)
        if plan is None:
            collector = Collector(self.schema, document.fragments, templates)
            query = operation.operation is OperationType.QUERY
            make = compile_query if query else compile_payloads
            plan = make(operation, collector, self.catalog, self.limits)
            self._plans[key] = plan
            if len(self._plans) > self._capacity:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return plan

    async def _run(self, plan: Plan, run: Run, statements: Statements, want: Wanted) -> Answer:
        record: list[Any] = [[]]
        if plan.statement:
            began = time.time_ns()
            try:
                found = await self.services.graph.run_record(plan.statement, plan.sent(run.values))
            except HubError as error:
                return _unavailable(plan, run, error)
            statements.add("neo4j", plan.statement, began)
            assert found is not None
            record = found
        data = plan.build(record[0], run)
        errors = await self._later(plan, run, data, statements) if run.deferred else []
        answer: dict[str, Any] = {"data": data}
        if errors:
            answer["errors"] = errors
        if want.explain:
            answer["extensions"] = _explained(statements, run.values)
        body = orjson.dumps(answer, option=JSON_OPTIONS)
        return Answer(body, 200, len(errors), tuple(statements.runs))

    async def _later(
        self, plan: Plan, run: Run, data: dict[str, Any], statements: Statements
    ) -> list[dict[str, Any]]:
        """Fill in what the change log answers: one statement for all records and pages."""
        asked = [_asked(plan, run, each) for each in run.deferred]
        began = time.time_ns()
        try:
            found = await history(self.services.postgres, asked)
        except HubError as error:
            targets = {(id(each.target), each.key) for each in run.deferred}
            return [{**error.as_dict(), "path": path} for path in _paths(data, targets, [])]
        statements.add("postgres", HISTORY, began)
        for each, what in zip(run.deferred, asked, strict=True):
            each.target[each.key] = plan.fills[each.step]([found[what], what.first - 1], run)
        return []

    def _introspect(
        self,
        plan: Plan,
        document: ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What the schema says of itself: the introspecting root fields alone, by graphql-core."""
        alone = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=None,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=plan.introspection),
        )
        asked = DocumentNode(definitions=(alone, *document.fragments.values()))
        result = graphql_execute(self.schema, asked, variable_values=dict(variables))
        assert isinstance(result, ExecutionResult)
        return result.data or {}

    async def _by_reference(
        self,
        document: ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        rights: Rights,
        statements: Statements,
        want: Wanted,
    ) -> Answer:
        """Answer by graphql-core's executor over the reference resolvers."""
        context = RequestContext(
            self.catalog, self.services, rights, self.cursor_key, self.limits, statements
        )
        result = graphql_execute(
            self.schema,
            document.ast,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation.name.value if operation.name else None,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        errors = [_located(error, want.request_id) for error in result.errors or ()]
        answer: dict[str, Any] = {"data": result.data}
        if errors:
            answer["errors"] = errors
        body = orjson.dumps(answer, option=JSON_OPTIONS)
        return Answer(body, 200, len(errors), tuple(statements.runs))


class VariablesInvalid(BadInput):
    """Variables that do not fit their types, each with graphql-core's message."""

    status = 400

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        messages = [error.message for error in errors]
        super().__init__("; ".join(messages))


def _unavailable(plan: Plan, run: Run, error: HubError) -> Answer:
    """Every root field failed: null where it may be, else no data at all."""
    whole = all(nullable for _, nullable in plan.roots)
    data = {**plan.blank, **run.introspected} if whole else None
    errors = [{**error.as_dict(), "path": [key]} for key, _ in plan.roots]
    body = orjson.dumps({"data": data, "errors": errors})
    return Answer(body, 200, len(errors))


def _asked(plan: Plan, run: Run, place: Deferred) -> Asked:
    """What a place in the answer asks of the change log."""
    step = plan.later[place.step]
    below = None if step.after is None else run.values[step.after]
    return Asked(place.type_name, place.code, run.values[step.first], below)


def _explained(statements: Statements, bound: dict[str, Any]) -> dict[str, Any]:
    return {
        "statements": [
            {"store": each.store, "text": each.text, "milliseconds": each.took_ns / 1e6}
            for each in statements.runs
        ],
        "parameters": bound,
    }


def _located(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """A graphql-core error as it stands in an answer: ours keep their code, others are ours."""
    original = error.original_error
    if isinstance(original, HubError):
        entry = original.as_dict()
        entry["path"] = error.path
        return entry
    if original is not None:
        log.error("field failed", requestId=request_id, path=error.path, exc_info=original)
        fault = Internal("the hub failed to answer this field", requestId=request_id)
        entry = fault.as_dict()
        entry["path"] = error.path
        return entry
    return dict(error.formatted)


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
