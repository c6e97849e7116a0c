"""Operations in use that a change of the API would break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import (
    BreakingChangeType,
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    find_breaking_changes,
    get_named_type,
    parse,
    type_from_ast,
    validate,
)

from resolvers.stores.operations import SeenOperation

DAYS = 30
"""How far back an operation counts as in use."""

COORDINATE = re.compile(r"\b(\w+)\.(\w+)(\(\w+:\))?")
UNTOLD = {BreakingChangeType.TYPE_REMOVED, BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED}
"""Changes that validation tells where they matter."""


@dataclass(frozen=True)
class Breakage:
    """One operation that would no longer work, and why."""

    name: str | None
    hash: str
    """The first 12 hexadecimal digits."""
    times: int
    last_seen: datetime
    fields: tuple[str, ...]
    """What it uses that is gone or changed, as coordinates."""
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "operation": self.name,
            "hash": self.hash,
            "times": self.times,
            "lastSeen": self.last_seen.isoformat(),
            "fields": list(self.fields),
            "reason": self.reason,
        }


def breakages(
    seen: Iterable[SeenOperation], before: GraphQLSchema, after: GraphQLSchema
) -> Iterator[Breakage]:
    """The operations that work before and fail after, or get another type than they expect."""
    if not find_breaking_changes(before, after):
        return
    changes = _changes(before, after)
    for operation in seen:
        document = parse(operation.text)
        used = set(operation.fields) | _through_variables(document, before)
        touched = sorted(used & changes.keys())
        errors = validate(after, document)
        if not errors and not touched:
            continue
        if validate(before, document):
            continue
        reason = errors[0].message if errors else changes[touched[0]]
        fields = touched or sorted(_gone(operation.fields, after)) or _named(errors)
        yield Breakage(
            operation.name,
            operation.hash.hex()[:12],
            operation.times,
            operation.last_seen,
            tuple(fields),
            reason,
        )


def _changes(before: GraphQLSchema, after: GraphQLSchema) -> dict[str, str]:
    """Breaking changes by the coordinate of what changed."""
    found = {}
    for change in find_breaking_changes(before, after):
        match = COORDINATE.search(change.description)
        if match and change.type not in UNTOLD:
            found[match[0]] = change.description
            if change.type is BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED:
                found[match[1]] = change.description
            if change.type is BreakingChangeType.REQUIRED_ARG_ADDED:
                found[f"{match[1]}.{match[2]}"] = change.description
    return found


def _through_variables(document: DocumentNode, schema: GraphQLSchema) -> set[str]:
    """Input types, and their fields and enum values, that a variable may carry."""
    found: set[str] = set()
    waiting: list[Any] = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            for each in node.variable_definitions or ():
                waiting.append(get_named_type(type_from_ast(schema, each.type)))
    while waiting:
        kind = waiting.pop()
        if kind is None or kind.name in found:
            continue
        found.add(kind.name)
        found |= {f"{kind.name}.{value}" for value in getattr(kind, "values", {})}
        if isinstance(kind, GraphQLInputObjectType):
            found |= {f"{kind.name}.{name}" for name in kind.fields}
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return found


def _gone(fields: Iterable[str], schema: GraphQLSchema) -> Iterator[str]:
    for each in fields:
        kind, _, rest = each.partition(".")
        name, _, argument = rest.rstrip(":)").partition("(")
        there = schema.type_map.get(kind)
        parts = {**getattr(there, "fields", {}), **getattr(there, "values", {})}
        if name not in parts or (argument and argument not in parts[name].args):
            yield each


def _named(errors: list[GraphQLError]) -> list[str]:
    return [match[0] for error in errors[:1] if (match := COORDINATE.search(error.message))]
