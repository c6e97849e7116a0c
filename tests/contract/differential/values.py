"""Input values as literals, some of them as variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    parse_type,
)


@dataclass
class Variables:
    """The variables of one operation as they are made up."""

    definitions: list[VariableDefinitionNode] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    defaults: int = 0


class ValueWriter:
    """Writes input values as literals; any of them may become a variable instead."""

    def __init__(self, random: Random, variables: Variables, chance: float) -> None:
        self.random = random
        self.variables = variables
        self.chance = chance

    def write(self, value: Any, kind: GraphQLInputType, one_of: bool = False) -> ValueNode:
        """The node of a value at a place of this type."""
        if self.random.random() < self.chance:
            return self._variable(value, kind, one_of)
        return self._literal(value, kind)

    def plain(self, value: Any, kind: GraphQLInputType) -> ValueNode:
        """The literal of a value, without variables."""
        return ValueWriter(self.random, self.variables, 0.0)._literal(value, kind)

    def _literal(self, value: Any, kind: GraphQLInputType) -> ValueNode:
        if isinstance(kind, GraphQLNonNull):
            return self._literal(value, kind.of_type)
        if value is None:
            return NullValueNode()
        if isinstance(kind, GraphQLList):
            if isinstance(value, list) and len(value) == 1 and self.random.random() < 0.2:
                return self._literal(value[0], kind.of_type)  # a list of one may stand alone
            return ListValueNode(values=tuple(self.write(v, kind.of_type) for v in value))
        if isinstance(kind, GraphQLInputObjectType):
            return ObjectValueNode(
                fields=tuple(
                    ObjectFieldNode(
                        name=NameNode(value=name),
                        value=self.write(each, kind.fields[name].type, kind.is_one_of),
                    )
                    for name, each in value.items()
                )
            )
        if isinstance(kind, GraphQLEnumType):
            return EnumValueNode(value=value)
        if isinstance(value, bool):
            return BooleanValueNode(value=value)
        if isinstance(value, int):
            return IntValueNode(value=str(value))
        if isinstance(value, float):
            return FloatValueNode(value=repr(value))
        return StringValueNode(value=value)

    def _variable(self, value: Any, kind: GraphQLInputType, one_of: bool) -> VariableNode:
        name = f"v{len(self.variables.definitions)}"
        written = str(kind)
        if one_of and not written.endswith("!"):
            written += "!"
        default = None
        if self.random.random() < 0.5 and not (one_of and value is None):
            default = self.plain(value, kind)
            self.variables.defaults += 1
        left_out = self.random.random() < (0.1 if default is None else 0.7)
        if not left_out or (default is None and written.endswith("!")):
            self.variables.given[name] = value
        self.variables.definitions.append(
            VariableDefinitionNode(
                variable=VariableNode(name=NameNode(value=name)),
                type=parse_type(written),
                default_value=default,  # type: ignore[arg-type]
                directives=(),
            )
        )
        return VariableNode(name=NameNode(value=name))
