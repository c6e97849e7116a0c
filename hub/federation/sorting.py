"""The visitor that sorts what has no order, so that equal operations have one text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    Visitor,
    print_ast,
)


class Sorting(Visitor):
    """Sorts selections, arguments, variables and values, and drops descriptions."""

    def leave_object_value(self, node: ObjectValueNode, *_: object) -> Any:
        return ObjectValueNode(fields=by_name(node.fields))

    def leave_list_value(self, node: ListValueNode, *_: object) -> Any:
        return ListValueNode(values=_distinct(node.values))

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> Any:
        return SelectionSetNode(selections=_distinct(node.selections))

    def leave_field(self, node: FieldNode, *_: object) -> Any:
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=by_name(node.arguments or ()),
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


def by_name(nodes: Iterable[Any]) -> tuple[Any, ...]:
    """Nodes sorted by their names."""
    return tuple(sorted(nodes, key=lambda node: node.name.value))


def _distinct(nodes: Iterable[Node]) -> tuple[Any, ...]:
    """Nodes sorted by their text, each text once."""
    texts = {print_ast(node): node for node in nodes}
    return tuple(texts[text] for text in sorted(texts))
