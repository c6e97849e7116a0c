"""Makes an operation on which the executors differ as small as it gets."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    ObjectFieldNode,
    VariableDefinitionNode,
    Visitor,
    print_ast,
    visit,
)

Differs = Callable[[DocumentNode], Awaitable[bool]]
DROPPABLE = (
    FieldNode,
    InlineFragmentNode,
    FragmentSpreadNode,
    DirectiveNode,
    ArgumentNode,
    ObjectFieldNode,
    FragmentDefinitionNode,
    VariableDefinitionNode,
)


class _Dropper(Visitor):
    """Drops the n-th node that can be dropped."""

    def __init__(self, drop: int) -> None:
        super().__init__()
        self.drop = drop
        self.seen = 0

    def enter(self, node: Node, *_: object) -> object:
        if isinstance(node, DROPPABLE):
            self.seen += 1
            if self.seen - 1 == self.drop:
                return REMOVE
        return None


def smaller(document: DocumentNode) -> Iterator[DocumentNode]:
    """Every document with one node less."""
    at = 0
    while True:
        dropper = _Dropper(at)
        made = visit(document, dropper)
        if dropper.seen <= at:
            return
        if not re.search(r"\{\s*\}", print_ast(made)):
            yield made
        at += 1


async def shrunk(document: DocumentNode, differs: Differs, tries: int = 400) -> DocumentNode:
    """The smallest document found on which `differs` still holds."""
    found = True
    while found and tries > 0:
        found = False
        for candidate in smaller(document):
            tries -= 1
            if tries <= 0:
                break
            if await differs(candidate):
                document, found = candidate, True
                break
    return document
