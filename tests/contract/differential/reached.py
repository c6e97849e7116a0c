"""Which fields of the schema an answer came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type

Pair = tuple[str, str]


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
