"""A subgraph's SDL, parsed: what it declares of each type, and on which line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    GraphQLSyntaxError,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
)

from hub.federation.links import Links

ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
MACHINERY = {"_Any", "_Entity", "_Service", "Query._entities", "Query._service"}
"""What every subgraph serves and need not declare."""


class SdlError(Exception):
    """SDL that does not parse; `line` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass
class Declared:
    """All that a subgraph says of one type, its extensions included."""

    name: str
    kind: str
    """object, interface, union, enum, input_object or scalar."""
    line: int
    nodes: list[Any] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    """Nodes of fields or input fields, by name."""
    values: dict[str, Any] = field(default_factory=dict)
    """Nodes of an enum's values, by name."""
    members: set[str] = field(default_factory=set)
    """Types of a union, or interfaces of an object or interface."""


class Sdl:
    """A parsed subgraph. Root types go by their standard names, whatever the subgraph calls them.

    Raises SdlError where the text does not parse.
    """

    def __init__(self, text: str) -> None:
        self.ast = _parsed(text)
        self.links = Links(self.ast)
        self.roots = dict(_roots(self.ast))
        self.types: dict[str, Declared] = {}
        for node in self.ast.definitions:
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                self._take(node)

    def _take(self, node: Any) -> None:
        name = self.roots.get(node.name.value, node.name.value)
        if name in MACHINERY or re.match(r"(federation|link)__", name):
            return
        kind = re.sub(r"_type_(definition|extension)$", "", node.kind)
        known = self.types.setdefault(name, Declared(name, kind, line_of(node)))
        known.nodes.append(node)
        for each in getattr(node, "fields", ()) or ():
            if f"{name}.{each.name.value}" not in MACHINERY:
                known.fields.setdefault(each.name.value, each)
        known.values.update({v.name.value: v for v in getattr(node, "values", ()) or ()})
        for attribute in ("types", "interfaces"):
            known.members.update(t.name.value for t in getattr(node, attribute, ()) or ())

    def directives(self, *nodes: Any) -> dict[str, list[ConstDirectiveNode]]:
        """The directives of nodes, by the names that their specifications give them."""
        found: dict[str, list[ConstDirectiveNode]] = {}
        for node in nodes:
            for each in node.directives or ():
                found.setdefault(self.links.canonical(each.name.value), []).append(each)
        return found

    def keys(self, declared: Declared) -> list[str]:
        """The selections of a type's keys, with single spaces."""
        return [
            " ".join(fields.split())
            for each in self.directives(*declared.nodes).get("key", ())
            if (fields := argument(each, "fields"))
        ]

    def is_root(self, name: str) -> bool:
        return name in ROOTS.values()

    @property
    def empty(self) -> bool:
        """Whether it declares nothing at all."""
        return not any(t.fields or t.values or t.members or t.kind == "scalar"
                       for t in self.types.values())  # fmt: skip


def _parsed(text: str) -> DocumentNode:
    try:
        return parse(text)
    except GraphQLSyntaxError as error:
        place = error.locations[0] if error.locations else None
        line, column = (place.line, place.column) if place else (1, 1)
        what = error.message.removeprefix("Syntax Error: ").rstrip(".")
        raise SdlError(f"not valid SDL at column {column}: {what}; correct it", line) from error
    except RecursionError:
        raise SdlError("nested too deeply to be read; write it flatter", 1) from None


def _roots(ast: DocumentNode) -> Any:
    for node in ast.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for each in node.operation_types or ():
                yield each.type.name.value, ROOTS[each.operation.value]


def line_of(node: Node) -> int:
    """The line a node's name stands on, or where it begins."""
    place = getattr(node, "name", None) or node
    loc = place.loc or node.loc
    return loc.start_token.line if loc else 1


def argument(directive: ConstDirectiveNode, name: str) -> str | None:
    """A directive's argument that is text."""
    for each in directive.arguments or ():
        if each.name.value == name:
            return getattr(each.value, "value", None)
    return None
