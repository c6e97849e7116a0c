"""Which fields of the schema an answer came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type

from resolvers.roots import ROOTS, ROW_ROOTS

Pair = tuple[str, str]


def leave_compiled(schema: GraphQLSchema) -> None:
    """Take the root fields out of a schema that graphql-core alone answers: there is nothing to
    compare."""
    assert schema.query_type is not None
    fields = schema.query_type.fields
    for name in fields.keys() - ROOTS.keys() - ROW_ROOTS.keys():
        del fields[name]


def readable_fields(schema: GraphQLSchema) -> set[Pair]:
    """Every (type, field) that queries lead to, without introspection."""
    found: set[Pair] = set()
    assert schema.query_type is not None
    waiting: list[Any] = [schema.query_type]
    seen: set[str] = set()
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType):
            waiting += schema.get_possible_types(kind)
        elif isinstance(kind, GraphQLObjectType):
            found |= {(kind.name, name) for name in kind.fields}
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return found


def note_reached(schema: GraphQLSchema, wanted: set[Pair]) -> None:
    """Let every resolver of a schema take its field off the list when it is first asked."""
    for type_name, name in list(wanted):
        kind = schema.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType)
        field = kind.fields[name]
        assert field.resolve is not None
        field.resolve = _noting(field.resolve, (type_name, name), wanted)


def _noting(resolve: Callable[..., Any], pair: Pair, wanted: set[Pair]) -> Callable[..., Any]:
    def noting(source: Any, info: Any, **arguments: Any) -> Any:
        wanted.discard(pair)
        return resolve(source, info, **arguments)

    return noting
