"""How large an operation may be, checked before it is validated or planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)

from hub.settings import Settings


@dataclass(frozen=True)
class Size:
    """The size of a selection, its fragments spread at every place they stand."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    roots: int = 0
    deepest: Node | None = None

    def beside(self, other: Size) -> Size:
        deeper = other if other.depth > self.depth else self
        return Size(
            deeper.depth,
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.roots + other.roots,
            deeper.deepest,
        )


@dataclass(frozen=True)
class Limits:
    """The largest sizes that are served."""

    depth: int
    fields: int
    aliases: int
    roots: int
    tokens: int
    document_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(
            depth=settings.max_depth,
            fields=settings.max_fields,
            aliases=settings.max_aliases,
            roots=settings.max_root_fields,
            tokens=settings.max_tokens,
            document_bytes=settings.max_document_bytes,
        )

    def times(self, factor: int) -> Limits:
        """Each limit `factor` times as wide."""
        return Limits(*(value * factor for value in astuple(self)))

    def check(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> list[GraphQLError]:
        """An error for each limit the operation is over, at the place where it is."""
        size = Measure(fragments).of(operation.selection_set)
        found: list[GraphQLError] = []
        for name, has, most, node in (
            ("depth", size.depth, self.depth, size.deepest),
            ("fields", size.fields, self.fields, operation),
            ("aliases", size.aliases, self.aliases, operation),
            ("root_fields", size.roots, self.roots, operation),
        ):
            if has > most:
                found.append(too_complex(name, has, most, node))
        return found


def too_complex(what: str, has: int | None, most: int, node: Node | None = None) -> GraphQLError:
    """The error for a document that is over a limit; `what` names the setting `max_<what>`."""
    said = f"{has} {what.replace('_', ' ')}" if has is not None else what.replace("_", " ")
    return GraphQLError(
        f"the document is too complex: {said}, where at most {most} is allowed "
        f"(HUB_MAX_{what.upper()}); ask for less, or in several requests",
        node,
        extensions={"code": "TOO_COMPLEX", "limit": what, "most": most},
    )


class Measure:
    """Measures selections; each fragment once, so that nested spreads cost nothing."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Size] = {}

    def of(self, selection: SelectionSetNode) -> Size:
        size = Size()
        for node in selection.selections:
            if isinstance(node, FieldNode):
                below = self.of(node.selection_set) if node.selection_set else Size()
                size = size.beside(
                    Size(
                        below.depth + 1,
                        below.fields + 1,
                        below.aliases + (node.alias is not None),
                        1,
                        below.deepest or node,
                    )
                )
            elif isinstance(node, InlineFragmentNode):
                size = size.beside(self.of(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                size = size.beside(self._fragment(node.name.value))
        return size

    def _fragment(self, name: str) -> Size:
        """Zero for an unknown fragment and within a cycle: validation refuses both."""
        if name not in self._known:
            self._known[name] = Size()
            found = self._fragments.get(name)
            if found is not None:
                self._known[name] = self.of(found.selection_set)
        return self._known[name]


REPRESENTATION_BYTES = 200
"""More than a representation takes in a request to a subgraph."""


def body_limit(settings: Settings) -> int:
    """Bytes of the largest request body: a subgraph's holds many representations."""
    if settings.subgraph is None:
        return settings.max_body_bytes
    return max(settings.max_body_bytes, settings.max_representations * REPRESENTATION_BYTES)
