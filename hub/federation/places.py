"""Where in a file something stands that a message names."""

from __future__ import annotations

import re
from typing import Any

from graphql import (
    DirectiveNode,
    NamedTypeNode,
    ScalarTypeDefinitionNode,
    Visitor,
    visit,
)

from hub.federation.document import Sdl, line_of

NAME = r"[_A-Za-z]\w*"
COORDINATE = re.compile(rf"\b({NAME})\.({NAME})(?:\(({NAME}):?\))?")
WORD = re.compile(rf"@?\b{NAME}\b")


class Places:
    """Lines of types, fields, arguments and enum values by their coordinates."""

    def __init__(self, sdl: Sdl) -> None:
        self._lines: dict[str, int] = {}
        for declared in sdl.types.values():
            self._put(declared.name, declared.line)
            for name, node in {**declared.fields, **declared.values}.items():
                self._put(f"{declared.name}.{name}", line_of(node))
                for each in getattr(node, "arguments", None) or ():
                    self._put(f"{declared.name}.{name}({each.name.value}:)", line_of(each))
        uses = _Uses()
        visit(sdl.ast, uses)
        self._uses = uses.lines

    def _put(self, coordinate: str, line: int) -> None:
        self._lines.setdefault(coordinate, line)

    def line(self, coordinate: str) -> int | None:
        """The line of `Type`, `Type.part` or `Type.field(arg:)`, or that of the next larger."""
        for each in (coordinate, coordinate.partition("(")[0], coordinate.partition(".")[0]):
            if each in self._lines:
                return self._lines[each]
        return None

    def find(self, message: str) -> tuple[str | None, int | None]:
        """The first thing that a message names and the file declares, else uses; and its line."""
        named = coordinates(message)
        for each in named:
            if each in self._lines or each.partition("(")[0] in self._lines:
                return each.partition("(")[0], self.line(each)
        quoted = re.findall(rf'"(@?{NAME})"', message)
        words = [*quoted, *WORD.findall(message)]
        for each in [*(n.partition(".")[0] for n in named), *words]:
            if each in self._lines:
                return each, self._lines[each]
        for each in words:
            if each in self._uses:
                return each, self._uses[each]
        return None, None


def coordinates(message: str) -> list[str]:
    """All `Type.field` and `Type.field(arg:)` in a message."""
    found = []
    for kind, name, argument in COORDINATE.findall(message):
        found.append(f"{kind}.{name}({argument}:)" if argument else f"{kind}.{name}")
    return found


class _Uses(Visitor):
    """Lines on which types and directives are used that may be declared nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        self.lines.setdefault(node.name.value, line_of(node))

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.lines.setdefault(f"@{node.name.value}", line_of(node))

    def enter_scalar_type_definition(self, node: ScalarTypeDefinitionNode, *_: Any) -> None:
        self.lines.setdefault(node.name.value, line_of(node))
