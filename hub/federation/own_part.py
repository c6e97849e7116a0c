"""The part of a federated operation that the hub's own subgraphs answer."""

from __future__ import annotations

from typing import Any

from graphql import (
    REMOVE,
    SKIP,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    Node,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    visit,
)

from resolvers.operation import ParsedDocument

_NOTHING = FieldNode(name=NameNode(value="__typename"))


def own_part(document: ParsedDocument, api: GraphQLSchema, own: GraphQLSchema) -> ParsedDocument:
    """The document without what partners add to the API: their fields, and fragments on their
    types. `document` is valid by `api`; what is left is valid by `own`."""
    info = TypeInfo(api)
    cutter = _Cutter(info, own)
    ast = visit(document.ast, TypeInfoVisitor(info, cutter))
    if not cutter.cut:
        return document
    assert isinstance(ast, DocumentNode)
    return ParsedDocument.of(document.text, document.digest, ast)


class _Cutter(Visitor):
    """Cuts fields and fragments that the hub's own schema does not have."""

    def __init__(self, info: TypeInfo, own: GraphQLSchema) -> None:
        super().__init__()
        self.cut = False
        self._info = info
        self._own = own

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        parent = self._info.get_parent_type()
        if parent is None or node.name.value.startswith("__"):
            return None
        known = self._own.type_map.get(parent.name)
        if known is not None and node.name.value in getattr(known, "fields", {}):
            return None
        return self._cut()

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        condition = node.type_condition
        if condition is None or condition.name.value in self._own.type_map:
            return None
        return self._cut()

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> Any:
        """A fragment on a partner's type is spread only where the hub's fields are cut."""
        known = node.type_condition.name.value in self._own.type_map
        return None if known else self._cut()

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
        given = self._info.get_input_type()
        named = get_named_type(given) if given is not None else None
        if named is None or named.name in self._own.type_map:
            return SKIP
        return self._cut()

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Node | None:
        if node.selections:
            return None
        return SelectionSetNode(selections=(_NOTHING,))

    def _cut(self) -> Any:
        self.cut = True
        return REMOVE
