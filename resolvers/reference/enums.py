"""What all resolvers share: their type, and members of enums by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType

from resolvers.reference.context import Info

Resolve = Callable[..., Any]


def member(kind: GraphQLEnumType, name: str | None) -> Any:
    """The enum's value for a name."""
    return None if name is None else kind.values[name].value


def enum_of(info: Info, name: str) -> GraphQLEnumType:
    """An enum of the schema that is executed."""
    found = info.schema.type_map[name]
    assert isinstance(found, GraphQLEnumType)
    return found
