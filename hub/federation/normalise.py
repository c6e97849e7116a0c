"""Operations made comparable: sorted, without literals, with the list of fields they use.

Two operations that ask for the same, whatever their layout, order and values, give the same text.
Literals are blanked because they may be personal data, and so that the text stays valid: text and
ids become `""`, numbers `0`; booleans, enum values and null are part of the schema and stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    print_ast,
    visit,
)

from hub.federation.blanking import Blanking


@dataclass(frozen=True)
class Operation:
    """A normalised operation."""

    hash: bytes
    """SHA-256 of the text."""
    name: str | None
    text: str
    fields: tuple[str, ...]
    """What it uses, sorted: `Type.field`, `Type.field(arg:)`, `Input.field`, `Enum.VALUE`."""


def normalise(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    schema: GraphQLSchema,
) -> Operation:
    """An operation and the fragments it uses, of a document that is valid by the schema."""
    used = reachable(operation, fragments)
    document = DocumentNode(definitions=(operation, *(used[name] for name in sorted(used))))
    types = TypeInfo(schema)
    blanking = Blanking(types)
    text = print_ast(visit(document, TypeInfoVisitor(types, blanking)))
    name = operation.name.value if operation.name else None
    digest = hashlib.sha256(text.encode()).digest()
    return Operation(digest, name, text, tuple(sorted(blanking.used)))


def reachable(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, FragmentDefinitionNode]:
    """The fragments that an operation spreads, directly or through others."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Node] = [operation]
    while waiting:
        spreads = _Spreads()
        visit(waiting.pop(), spreads)
        for name in spreads.names - found.keys():
            if name in fragments:
                found[name] = fragments[name]
                waiting.append(fragments[name])
    return found


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names.add(node.name.value)
