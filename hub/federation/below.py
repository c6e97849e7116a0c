"""What a federated operation asks of the hub's records below partners' fields.

A partner's field may lead back to a record of the hub. What is selected there is judged too, before
the operation runs: as a query of its own, in which each such record is found by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    get_named_type,
)

from resolvers.catalog import Catalog
from resolvers.ids import global_id
from resolvers.operation import ParsedDocument

Found = tuple[str, SelectionSetNode]
"""A type of record, and what is selected of it."""


class Below:
    """Finds selections of the hub's records below partners' fields, in documents valid by `api`."""

    def __init__(self, api: GraphQLSchema, own: GraphQLSchema, catalog: Catalog) -> None:
        self._api = api
        self._own = own
        self._records = {*catalog.entities, "Record"}

    def query(
        self, document: ParsedDocument, operation: OperationDefinitionNode
    ) -> ParsedDocument | None:
        """A query of all that is selected there, by `api` too; None where there is nothing."""
        root = self._api.get_root_type(operation.operation)
        assert root is not None
        visited: set[tuple[str, bool]] = set()
        found = list(
            self._in(operation.selection_set, root.name, False, document.fragments, visited)
        )
        if not found:
            return None
        asked = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=operation.name,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(
                selections=tuple(_record(i, *each) for i, each in enumerate(found))
            ),
        )
        ast = DocumentNode(definitions=(asked, *document.fragments.values()))
        name = operation.name.value if operation.name else ""
        return ParsedDocument.of(document.text, f"{document.digest} below {name}", ast)

    def _in(
        self,
        selections: SelectionSetNode,
        parent: str,
        partner: bool,
        fragments: Mapping[str, FragmentDefinitionNode],
        visited: set[tuple[str, bool]],
    ) -> Iterator[Found]:
        """`partner` says whether a partner's field was passed since the last record."""
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield from self._field(node, parent, partner, fragments, visited)
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else parent
                yield from self._in(node.selection_set, on, partner, fragments, visited)
            elif isinstance(node, FragmentSpreadNode):
                key = node.name.value, partner
                if key not in visited:
                    visited.add(key)
                    fragment = fragments[node.name.value]
                    on = fragment.type_condition.name.value
                    yield from self._in(fragment.selection_set, on, partner, fragments, visited)

    def _field(
        self,
        node: FieldNode,
        parent: str,
        partner: bool,
        fragments: Mapping[str, FragmentDefinitionNode],
        visited: set[tuple[str, bool]],
    ) -> Iterator[Found]:
        kind = self._api.type_map[parent]
        field = getattr(kind, "fields", {}).get(node.name.value)
        if field is None or node.selection_set is None:
            return
        target = get_named_type(field.type).name
        known = self._own.type_map.get(parent)
        partner = partner or node.name.value not in getattr(known, "fields", {})
        if partner and target in self._records:
            yield target, node.selection_set
            partner = False
        yield from self._in(node.selection_set, target, partner, fragments, visited)


def _record(number: int, kind: str, selections: SelectionSetNode) -> FieldNode:
    """`r0: node(id: "…") { … on Grid { … } }`; no such record is ever read."""
    given = global_id("Grid" if kind == "Record" else kind, "0")
    within = InlineFragmentNode(
        type_condition=NamedTypeNode(name=NameNode(value=kind)),
        directives=(),
        selection_set=selections,
    )
    return FieldNode(
        alias=NameNode(value=f"r{number}"),
        name=NameNode(value="node"),
        arguments=(ArgumentNode(name=NameNode(value="id"), value=StringValueNode(value=given)),),
        directives=(),
        selection_set=SelectionSetNode(selections=(within,)),
    )
