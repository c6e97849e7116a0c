"""The `@link` directives of a subgraph: its Federation version, and how it names directives."""

from __future__ import annotations

import re
from typing import Any

from graphql import DocumentNode, SchemaDefinitionNode, SchemaExtensionNode

FEDERATION = re.compile(r"https://specs\.apollo\.dev/federation/v(\d+)\.(\d+)/?")
NEWEST = (2, 9)
"""The newest version of Federation that the composition takes."""


class Links:
    """What a subgraph links to."""

    def __init__(self, ast: DocumentNode) -> None:
        self.federation: str | None = None
        """Address of the Federation specification, or None where it is not linked."""
        self.version: tuple[int, int] | None = None
        self.line = 1
        self._names: dict[str, str] = {}
        self._prefix = "federation"
        for node in ast.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                for each in node.directives or ():
                    if each.name.value == "link":
                        self._take(each)

    def _take(self, directive: Any) -> None:
        given = {each.name.value: each.value for each in directive.arguments or ()}
        url = getattr(given.get("url"), "value", "")
        if not isinstance(url, str) or "/federation/" not in url:
            return
        self.federation = url
        self.line = directive.loc.start_token.line
        if match := FEDERATION.fullmatch(url):
            self.version = int(match[1]), int(match[2])
        self._prefix = getattr(given.get("as"), "value", self._prefix)
        for each in getattr(given.get("import"), "values", ()):
            if isinstance(text := getattr(each, "value", None), str):
                self._names[text.lstrip("@")] = text.lstrip("@")
                continue
            pair = {f.name.value: getattr(f.value, "value", "") for f in each.fields}
            name = pair.get("name", "").lstrip("@")
            self._names[pair.get("as", name).lstrip("@")] = name

    def canonical(self, name: str) -> str:
        """What the specification calls a directive that the subgraph calls `name`."""
        return self._names.get(name, name.removeprefix(f"{self._prefix}__"))
