"""The `@link` directives of a subgraph: its Federation version, and how it names directives."""

from __future__ import annotations

import re
from typing import Any

from graphql import DocumentNode, SchemaDefinitionNode, SchemaExtensionNode

FEDERATION = re.compile(r"https://specs\.apollo\.dev/federation/v([0-9]{1,3})\.([0-9]{1,4})")
NEWEST = (2, 9)
"""The newest version of Federation that the composition takes."""

DIRECTIVES = {
    "authenticated", "composeDirective", "context", "cost", "extends", "external", "fromContext",
    "inaccessible", "interfaceObject", "key", "listSize", "override", "policy", "provides",
    "requires", "requiresScopes", "shareable", "tag",
}  # fmt: skip
"""Federation's own directives."""
TYPES = {"FieldSet", "Scope", "Policy", "ContextFieldValue"}
RESERVED = ("__", "join__", "core__", "link__", "federation__")
"""What the names begin with that only the composition and its specifications may give."""
PLAIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?((/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+)/?")
"""Addresses that every program reads in the same way."""


class Links:
    """What a subgraph links to."""

    def __init__(self, ast: DocumentNode) -> None:
        self.federation: str | None = None
        """Address of the Federation specification, or None where it is not linked."""
        self.version: tuple[int, int] | None = None
        self.line = 1
        self.faults: list[tuple[int, str]] = []
        """Line and text of what the composition could take otherwise than the hub does."""
        self._names: dict[str, str] = {}
        self._prefix = "federation"
        self._spaces: set[str] = set()
        for node in ast.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                for each in node.directives or ():
                    if each.name.value == "link":
                        self._take(each)
                    elif each.name.value == "core":
                        self._fault(each, "@core is of Federation 1; leave it out")

    def _take(self, directive: Any) -> None:
        given = {each.name.value: each.value for each in directive.arguments or ()}
        if len(given) != len(directive.arguments or ()):
            self._fault(directive, "the @link has an argument twice; leave one out")
        url = getattr(given.get("url"), "value", "")
        plain = PLAIN.fullmatch(url) if isinstance(url, str) else None
        parts = re.split(r"[/\\]+", url) if isinstance(url, str) else []
        federal = "federation" in {each.lower() for each in parts}
        if not federal and plain is None:
            self._fault(directive, f"the @link's address {url!r} is not plain; correct it")
            return
        named = [each for each in parts if each and not re.match(r"v[0-9]+\.", each)]
        space = getattr(given["as"], "value", "") if "as" in given else named[-1]
        self._namespace(directive, space, url, federal)
        if not federal:
            return
        if self.federation is not None:
            told = f"a second @link to Federation, {url}; keep one to https://specs.apollo.dev/"
            self._fault(directive, f"{told}federation/v{NEWEST[0]}.{NEWEST[1]} alone")
            return
        self.federation = url
        self.line = directive.loc.start_token.line
        if match := FEDERATION.fullmatch(url):
            self.version = int(match[1]), int(match[2])
        self._prefix = str(space)
        for each in getattr(given.get("import"), "values", ()):
            self._import(directive, each)

    def _namespace(self, directive: Any, space: Any, url: str, federal: bool) -> None:
        """What stands before the `__` of names that a specification gives."""
        taken = {"join", "core", *self._spaces}
        if not federal:
            taken.add("federation")
        if not url.startswith("https://specs.apollo.dev/link/"):
            taken.add("link")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(_[A-Za-z0-9-]+)*", str(space)):
            self._fault(directive, f"the @link's name {space!r} does not do; take another `as`")
        elif space in taken:
            self._fault(directive, f"the @link's name {space} is taken; choose another `as`")
        self._spaces.add(str(space))

    def _import(self, directive: Any, node: Any) -> None:
        pair = {f.name.value: getattr(f.value, "value", "") for f in getattr(node, "fields", ())}
        given = str(getattr(node, "value", None) or pair.get("name", ""))
        local = str(pair.get("as", given))
        name, known = given.removeprefix("@"), local.removeprefix("@")
        other = known != name and (known in DIRECTIVES | TYPES or not given.startswith("@"))
        if other or given.startswith("@") != local.startswith("@") or known.startswith(RESERVED):
            told = f"{given} cannot be imported as {local}; choose another name"
            self._fault(directive, told)
        elif known in self._names or name in self._names.values():
            self._fault(directive, f"{given} or {local} is imported twice; leave one out")
        self._names.setdefault(known, name)

    def _fault(self, directive: Any, told: str) -> None:
        self.faults.append((directive.loc.start_token.line, told))

    def canonical(self, name: str) -> str:
        """What the specification calls a directive that the subgraph calls `name`."""
        short = name.removeprefix(f"{self._prefix}__").removeprefix("federation__")
        return self._names.get(name, short)
