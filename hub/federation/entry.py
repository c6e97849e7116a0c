"""What must hold before a subgraph is looked at closely: name, size, syntax, Federation 2."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any

from graphql import SKIP, DirectiveNode, NameNode, Visitor, print_ast, visit

from hub.federation.document import Sdl, SdlError, line_of
from hub.federation.links import DIRECTIVES, NEWEST, RESERVED, TYPES
from hub.federation.problem import Problem
from hub.federation.submission import MOST_BYTES

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'

PRINTED = {
    "directive_definition": {f"federation__{each}" for each in DIRECTIVES},
    "scalar_type_definition": {"link__Import", *(f"federation__{each}" for each in TYPES)},
    "enum_type_definition": {"link__Purpose"},
}
"""Reserved names that tools print definitions of, by kind; directives may use them all."""
SERVED = {
    "_Any": "scalar _Any",
    "_Service": r"type _Service \{ sdl: String!? \}",
    "_Entity": r"union _Entity =[ |\w]+",
    "_service": "_service: _Service!",
    "_entities": r"_entities\(representations: \[_Any!\]!\): \[_Entity\]!",
    "link__Purpose": r"enum link__Purpose \{( EXECUTION| SECURITY)+ \}",
}
"""What every subgraph serves, as tools print it."""
DESCRIPTION = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\]|\\.)*"')


def name_problem(name: str, own: Container[str]) -> Problem | None:
    """Why a partner cannot have this name."""
    if name in own:
        return Problem(None, f"the name {name} is the hub's own; choose another", "--name")
    if not NAME.fullmatch(name):
        return Problem(
            None,
            f"the name {name!r} does not do; take at most 63 small letters, digits, - and _, "
            "beginning with a letter",
            "--name",
        )
    return None


def read_sdl(text: str) -> Sdl:
    """The parsed text. Raises SdlError with its line where it cannot be taken."""
    if len(text.encode("utf-8", "surrogateescape")) > MOST_BYTES:
        raise SdlError(f"larger than {MOST_BYTES:,} bytes; hand in a smaller schema", 1)
    if wrong := re.search("[\ud800-\udfff]", text):
        raise SdlError(
            "not UTF-8; save the file in that encoding", text.count("\n", 0, wrong.start()) + 1
        )
    if not re.sub(r"#[^\n]*|[\s,\ufeff]", "", text):
        raise SdlError("empty; write the types and fields that your subgraph answers", 1)
    sdl = Sdl(text)
    if sdl.empty:
        raise SdlError("it declares no type or field; write those that your subgraph answers", 1)
    return sdl


def link_problem(sdl: Sdl) -> Problem | None:
    """Why this is no subgraph of Federation 2 that the composition takes."""
    links = sdl.links
    newest = f"v{NEWEST[0]}.{NEWEST[1]}"
    if links.federation is None:
        return Problem(1, f"no @link to Apollo Federation 2; begin the file with: {LINK}")
    if links.version is None or links.version[0] != 2 or links.version > NEWEST:
        return Problem(
            links.line,
            f"{links.federation} is no version of Federation that the hub takes; "
            f"link to v2.0 up to {newest}",
        )
    return Problem(*links.faults[0]) if links.faults else None


def reserved_problems(sdl: Sdl) -> Iterator[Problem]:
    """Names that only Federation itself may give, wherever they stand in the file."""
    for node in sdl.ast.definitions:
        names = _Names(sdl, node)
        visit(node, names)
        for name, line in names.found.items():
            yield Problem(
                line,
                f"the name {name} is Federation's own; choose another, or write it as its tools "
                "print it",
                name,
            )


class _Names(Visitor):
    """Reserved names in one definition, where Federation's tools print none; with their lines."""

    def __init__(self, sdl: Sdl, node: Any) -> None:
        super().__init__()
        self.found: dict[str, int] = {}
        name = node.name.value if getattr(node, "name", None) else ""
        self._query = sdl.roots.get(name, name) == "Query"
        self._allowed = {name} & PRINTED.get(node.kind, set())
        if node.kind == "directive_definition":
            self._allowed |= set().union(*PRINTED.values())
        if name in SERVED and _as_printed(node):
            self._allowed.add(name)
        elif name in SERVED:
            self._allowed.discard(name)

    def enter_field_definition(self, node: Any, *_: Any) -> Any:
        return SKIP if self._query and _as_printed(node) else None

    def enter_name(self, node: NameNode, _key: Any, parent: Any, *_: Any) -> None:
        name = node.value
        if name in self._allowed or not (name.startswith(RESERVED) or name in SERVED):
            return
        if not (isinstance(parent, DirectiveNode) and name in PRINTED["directive_definition"]):
            self.found.setdefault(name, line_of(node))


def _as_printed(node: Any) -> bool:
    """Whether a definition, its descriptions left out, is what tools print."""
    pattern = SERVED.get(node.name.value)
    bare = DESCRIPTION.sub("", print_ast(node)) if pattern else ""
    return bool(pattern and re.fullmatch(pattern, " ".join(bare.split())))
