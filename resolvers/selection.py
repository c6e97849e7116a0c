"""From an operation to what it selects: fields merged, fragments spread, arguments as templates.

A template is an argument's value in which every leaf that comes from a variable is a `Var`: it
has the shape of the value, not its content. Two requests with the same document and the same
templates share one plan. What changes the shape of a statement stays in the template as it is:
input object keys, truth values, nulls, and the enums in `STRUCTURAL`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
)

from resolvers.errors import BadInput

STRUCTURAL = frozenset({"Direction", "RecordType", "StatisticsBy", "EventsBy"})
"""Enums whose values change a statement's text."""

Template = Any
"""None, bool, text, number, `Var`, or a list or dict of templates."""


@dataclass(frozen=True)
class Var:
    """The place of a leaf in the coerced variables: the variable's name, then keys and indexes."""

    path: tuple[str | int, ...]

    def of(self, variables: Mapping[str, Any]) -> Any:
        """The leaf's value in one request."""
        value: Any = variables
        for step in self.path:
            value = value[step]
        return plain(value)


def plain(value: Any) -> Any:
    """A coerced value with enum members as their names."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def template_of(value: Any, kind: GraphQLInputType, path: tuple[str | int, ...]) -> Template:
    """The template of a coerced variable value of the given type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(kind, GraphQLNonNull):
        return template_of(value, kind.of_type, path)
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType) and named.name in STRUCTURAL:
        return plain(value)
    if isinstance(kind, GraphQLList):
        if isinstance(named, GraphQLInputObjectType) and named.name not in WHOLE_INPUTS:
            return [template_of(v, kind.of_type, (*path, i)) for i, v in enumerate(value)]
        return Var(path)
    if isinstance(kind, GraphQLInputObjectType) and kind.name not in WHOLE_INPUTS:
        return {k: template_of(v, kind.fields[k].type, (*path, k)) for k, v in value.items()}
    return Var(path)


WHOLE_INPUTS = frozenset({"PositionInput", "NearInput"})
"""Input objects that are one value: they travel as one parameter."""


def freeze(template: Template) -> Any:
    """A hashable copy, to look a plan up by."""
    if isinstance(template, dict):
        return tuple((key, freeze(value)) for key, value in template.items())
    if isinstance(template, list):
        return ("[]", *(freeze(value) for value in template))
    if isinstance(template, bool):
        return ("bool", template)
    return template


@dataclass(frozen=True, eq=False)
class Selected:
    """One response key of an object: a field with its arguments and the nodes merged under it."""

    key: str
    name: str
    args: Mapping[str, Template]
    nodes: tuple[FieldNode, ...]
    path: tuple[str, ...]
    """Response keys from the root, without list indexes."""


class Collector:
    """Collects the fields of an operation (GraphQL, 6.3.2 CollectFields)."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Template],
    ) -> None:
        self.schema = schema
        self._fragments = fragments
        self._variables = variables

    def root(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> list[Selected]:
        """The root fields of an operation, in the order of the answer's keys."""
        return self._selected(kind, [selections], ())

    def below(self, selected: Selected, kind: GraphQLObjectType) -> list[Selected]:
        """The fields of the object that a field answers with, for one concrete type."""
        sets = [node.selection_set for node in selected.nodes if node.selection_set is not None]
        return self._selected(kind, sets, selected.path)

    def object_type(self, name: str) -> GraphQLObjectType:
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def _selected(
        self, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode], path: tuple[str, ...]
    ) -> list[Selected]:
        grouped: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for each in sets:
            for node in self._fields(kind, each, visited):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
        return [self._one(kind, (*path, key), tuple(nodes)) for key, nodes in grouped.items()]

    def _one(
        self, kind: GraphQLObjectType, path: tuple[str, ...], nodes: tuple[FieldNode, ...]
    ) -> Selected:
        node = nodes[0]
        name = node.name.value
        field = kind.fields.get(name)
        args = self._arguments(node, field.args) if field else {}
        return Selected(path[-1], name, args, nodes, path)

    def _fields(
        self, kind: GraphQLObjectType, selections: SelectionSetNode, visited: set[str]
    ) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, kind):
                    yield from self._fields(kind, node.selection_set, visited)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in visited:
                    continue
                visited.add(name)
                fragment = self._fragments[name]
                if self._applies(fragment.type_condition.name.value, kind):
                    yield from self._fields(kind, fragment.selection_set, visited)

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        if condition == kind.name:
            return True
        named = self.schema.type_map[condition]
        return isinstance(named, GraphQLInterfaceType) and self.schema.is_sub_type(named, kind)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name in ("skip", "include") and directive.arguments:
                value = directive.arguments[0].value
                if isinstance(value, VariableNode):
                    given = bool(self._variables.get(value.name.value))
                else:
                    given = isinstance(value, BooleanValueNode) and value.value
                if given == (name == "skip"):
                    return False
        return True

    def _arguments(
        self, node: FieldNode, declared: Mapping[str, GraphQLArgument]
    ) -> dict[str, Template]:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        found: dict[str, Template] = {}
        for name, argument in declared.items():
            value = self._value(given.get(name), argument)
            if value is not Undefined:
                found[name] = value
        return found

    def _value(
        self, node: ValueNode | None, declared: GraphQLArgument | GraphQLInputField
    ) -> Template:
        """The template of an argument or input field; Undefined where it is left out."""
        value = Undefined if node is None else self._literal(node, declared.type)
        if value is Undefined and declared.default_value is not Undefined:
            return plain(declared.default_value)
        return value

    def _literal(self, node: ValueNode, kind: GraphQLInputType) -> Template:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value, Undefined)
        if isinstance(kind, GraphQLNonNull):
            return self._literal(node, kind.of_type)
        if isinstance(node, NullValueNode):
            return None
        if isinstance(kind, GraphQLList):
            if not isinstance(node, ListValueNode):
                return [self._literal(node, kind.of_type)]
            items = [self._literal(item, kind.of_type) for item in node.values]
            return [None if item is Undefined else item for item in items]
        if isinstance(kind, GraphQLInputObjectType):
            assert isinstance(node, ObjectValueNode)
            given = {field.name.value: field.value for field in node.fields}
            found = {name: self._value(given.get(name), f) for name, f in kind.fields.items()}
            return {name: value for name, value in found.items() if value is not Undefined}
        leaf: GraphQLLeafType = kind
        assert isinstance(leaf, GraphQLScalarType | GraphQLEnumType)
        try:
            return plain(leaf.parse_literal(node))
        except GraphQLError as error:  # validation lets a number pass that overflows
            raise BadInput(error.message) from None


def field_names(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """The fields at the top of a selection, fragments spread; directives are not looked at."""
    for each in selected.selections:
        if isinstance(each, FieldNode):
            yield each.name.value
        elif isinstance(each, InlineFragmentNode):
            yield from field_names(each.selection_set, fragments)
        elif isinstance(each, FragmentSpreadNode):
            yield from field_names(fragments[each.name.value].selection_set, fragments)
