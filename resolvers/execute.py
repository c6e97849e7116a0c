"""Runs operations: compile or take the plan from the cache, bind, one statement per store and
level, bytes. What the compiler does not take (introspection, mutations) goes to graphql-core."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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

from resolvers.assemble import Run
from resolvers.catalog import Catalog
from resolvers.compile import compile_payloads, compile_query
from resolvers.cursors import CursorKey
from resolvers.errors import BadInput, BadRequest, HubError, Internal, TooComplex
from resolvers.levels import Levels, Statements
from resolvers.operation import Answer, ParsedDocument, Wanted
from resolvers.params import Binding
from resolvers.placement import Placement
from resolvers.plan import PageLimits, Plan
from resolvers.reference import RequestContext
from resolvers.reference.webhooks import WEBHOOK_MUTATIONS
from resolvers.rights import Rights
from resolvers.selection import Collector, field_names, freeze, template_of
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres
from resolvers.subscription import Subscribed, subscribed
from resolvers.subscription_plan import compile_subscription

log = structlog.get_logger("resolvers.execute")

MAX_PARTS = 5_000
"""Bound on the objects and lists in an operation's variables."""

COMPILERS = {
    OperationType.QUERY: compile_query,
    OperationType.MUTATION: compile_payloads,
    OperationType.SUBSCRIPTION: compile_subscription,
}

OWN_MUTATIONS = frozenset(WEBHOOK_MUTATIONS)
"""Mutations of what belongs to the caller, which need no role."""

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
    reviews: Any = None
    """People's verdicts on events (`resolvers.reviews`)."""
    webhooks: Any = None
    """People's webhooks (`hub.webhooks.commands`)."""
    zone: str = "UTC"
    """The district's time zone, by its IANA name."""


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
        mutation = operation.operation is OperationType.MUTATION
        context = RequestContext(
            self.catalog, self.services, rights, self.cursor_key, self.limits, statements
        )
        if want.reference or mutation:
            return await self._by_reference(document, operation, variables, context, want)
        run = Run(bound, self.cursor_key)
        if not plan.apart:
            return await self._run(plan, run, statements, want)
        apart = await self._apart(plan, document, operation, variables, context)
        errors = [_located(error, want.request_id) for error in apart.errors or ()]
        if apart.data is None:
            return _answer(None, errors, statements)
        run.apart = apart.data
        return await self._run(plan, run, statements, want, errors)

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
            names = set(field_names(operation.selection_set, document.fragments))
            if names and names <= OWN_MUTATIONS:
                rights.check_signed_in()
            else:
                rights.check_write()
        plan = self.plan(document, operation, values)
        services = self.services
        binding = Binding(
            values.coerced, rights, self.cursor_key, services.placement, services.zone
        )
        return plan, plan.bind(binding, self.limits)

    def subscribe(
        self,
        document: ParsedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],
        rights: Rights,
    ) -> Subscribed:
        """What a subscription follows, compiled and bound. Raises HubError, as `execute` does."""
        operation = document.operation(operation_name)
        if operation.operation is not OperationType.SUBSCRIPTION:
            raise BadRequest(f"{operation_name or 'the operation'} is no subscription")
        plan, bound = self.prepare(document, operation, variables, rights)
        services = self.services
        binding = Binding({}, rights, self.cursor_key, services.placement, services.zone)
        return subscribed(plan, bound, binding, document.digest, services.graph, services.postgres)

    def coerce(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> VariableValues:
        """The operation's variables, coerced.

        Raises BadInput naming each that is wrong, and TooComplex for more objects and lists in them
        than one may send: coercing takes a while for each.
        """
        most = MAX_PARTS + self.limits.max_representations * ("_Entity" in self.schema.type_map)
        if _parts(variables, most) > most:
            raise TooComplex(
                f"the variables hold more than {most:,} objects and lists: ask in several requests",
                limit=most,
            )
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
            plan = COMPILERS[operation.operation](operation, collector, self.catalog, self.limits)
            self._plans[key] = plan
            if len(self._plans) > self._capacity:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return plan

    async def _run(
        self,
        plan: Plan,
        run: Run,
        statements: Statements,
        want: Wanted,
        known: Sequence[dict[str, Any]] = (),
    ) -> Answer:
        """Run a plan; `known` are errors of what was answered apart."""
        services = self.services
        levels = Levels(services.graph, services.postgres, plan, run, statements)
        data, errors = await levels.top()
        if run.deferred:
            errors += await levels.below(data)
        told = _explained(statements, run.values) if want.explain else None
        return _answer(data, [*known, *errors], statements, told)

    async def _apart(
        self,
        plan: Plan,
        document: ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        context: RequestContext,
    ) -> ExecutionResult:
        """The root fields that the compiler does not take, alone, by graphql-core."""
        alone = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=None,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=plan.apart),
        )
        asked = DocumentNode(definitions=(alone, *document.fragments.values()))
        result = graphql_execute(
            self.schema, asked, context_value=context, variable_values=dict(variables)
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def _by_reference(
        self,
        document: ParsedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        context: RequestContext,
        want: Wanted,
    ) -> Answer:
        """Answer by graphql-core's executor over the reference resolvers."""
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
        return _answer(result.data, errors, context.statements)


class VariablesInvalid(BadInput):
    """Variables that do not fit their types, each with graphql-core's message."""

    status = 400

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        messages = [error.message for error in errors]
        super().__init__("; ".join(messages))


def _parts(value: Any, most: int) -> int:
    """How many objects and lists are in a JSON value; over `most`, counting ends."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        here = waiting.pop()
        inner = here.values() if isinstance(here, Mapping) else here
        count += 1
        waiting += [each for each in inner if isinstance(each, list | dict)]
    return count


def _answer(
    data: Any,
    errors: list[dict[str, Any]],
    statements: Statements,
    extensions: dict[str, Any] | None = None,
) -> Answer:
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = errors
    if extensions is not None:
        answer["extensions"] = extensions
    body = orjson.dumps(answer, option=JSON_OPTIONS)
    return Answer(body, 200, len(errors), tuple(statements.runs))


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
