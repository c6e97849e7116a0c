"""The visitor that blanks literals, sorts what has no order, and notes what is used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    GraphQLScalarType,
    IntValueNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    print_ast,
    visit,
)

NUMBERS = {"Int", "Float"}
EMPTY = StringValueNode(value="", block=False)
ZERO = IntValueNode(value="0")


class Blanking(Visitor):
    """Goes through a document beside a `TypeInfo`; `used` fills with schema coordinates."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.used: set[str] = set()
        self._field = ""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._field = node.name.value
        parent = self._types.get_parent_type()
        if parent is not None and not node.name.value.startswith("__"):
            self.used.add(f"{parent.name}.{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        parent = self._types.get_parent_type()
        if self._types.get_directive() is None and parent is not None and self._field[:2] != "__":
            self.used.add(f"{parent.name}.{self._field}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        parent = get_named_type(self._types.get_parent_input_type())
        if parent is not None and not isinstance(parent, GraphQLScalarType):
            self.used.add(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> Any:
        kind = get_named_type(self._types.get_input_type())
        if isinstance(kind, GraphQLScalarType):
            return EMPTY
        if kind is not None:
            self.used.add(f"{kind.name}.{node.value}")
        return None

    def enter_string_value(self, node: StringValueNode, *_: object) -> Any:
        return EMPTY

    def enter_int_value(self, node: IntValueNode, *_: object) -> Any:
        return self._number()

    def enter_float_value(self, node: FloatValueNode, *_: object) -> Any:
        return self._number()

    def _number(self) -> ValueNode:
        kind = get_named_type(self._types.get_input_type())
        return ZERO if kind is None or kind.name in NUMBERS else EMPTY

    def enter_object_value(self, node: ObjectValueNode, *_: object) -> Any:
        return self._opaque(node, self._types.get_input_type())

    def enter_list_value(self, node: ListValueNode, *_: object) -> Any:
        # Here the type info stands at the list's items already.
        return self._opaque(node, self._types.get_parent_input_type())

    def _opaque(self, node: ValueNode, kind: Any) -> Any:
        """A value of a scalar of our own: its variables alone, as its keys may be data too."""
        kind = get_nullable_type(kind)
        if not isinstance(kind, GraphQLScalarType):
            return None
        found = _Variables()
        visit(node, found)
        if not found.nodes:
            return EMPTY
        fields = (ObjectFieldNode(name=v.name, value=v) for v in found.nodes.values())
        return ObjectValueNode(fields=_by_name(fields))

    def leave_object_value(self, node: ObjectValueNode, *_: object) -> Any:
        return ObjectValueNode(fields=_by_name(node.fields))

    def leave_list_value(self, node: ListValueNode, *_: object) -> Any:
        return ListValueNode(values=_distinct(node.values))

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> Any:
        return SelectionSetNode(selections=_distinct(node.selections))

    def leave_field(self, node: FieldNode, *_: object) -> Any:
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=_by_name(node.arguments or ()),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def leave_operation_definition(self, node: OperationDefinitionNode, *_: object) -> Any:
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=tuple(
                sorted(node.variable_definitions or (), key=lambda each: each.variable.name.value)
            ),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def leave_variable_definition(self, node: VariableDefinitionNode, *_: object) -> Any:
        return VariableDefinitionNode(
            variable=node.variable,
            type=node.type,
            default_value=node.default_value,
            directives=node.directives,
        )

    def leave_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> Any:
        return FragmentDefinitionNode(
            name=node.name,
            type_condition=node.type_condition,
            directives=node.directives,
            selection_set=node.selection_set,
        )


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[str, VariableNode] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.nodes[node.name.value] = node


def _by_name(nodes: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(nodes, key=lambda node: node.name.value))


def _distinct(nodes: Iterable[Node]) -> tuple[Any, ...]:
    """Nodes sorted by their text, each text once."""
    texts = {print_ast(node): node for node in nodes}
    return tuple(texts[text] for text in sorted(texts))
