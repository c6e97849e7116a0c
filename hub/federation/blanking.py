"""The visitor that blanks literals and notes what is used, and sorts on its way back."""

from __future__ import annotations

from typing import Any

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLScalarType,
    IntValueNode,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    visit,
)

from hub.federation.sorting import Sorting, by_name

NUMBERS = {"Int", "Float"}
EMPTY = StringValueNode(value="", block=False)
ZERO = IntValueNode(value="0")


class Blanking(Sorting):
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
        return ObjectValueNode(fields=by_name(fields))


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[str, VariableNode] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.nodes[node.name.value] = node
