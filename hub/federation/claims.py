"""What every rule about a partner's subgraph looks at: the subgraph, and all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hub.federation.document import Sdl, line_of
from hub.federation.owners import Owners
from hub.federation.problem import Problem
from hub.federation.signature import is_required, nullable, type_text


@dataclass(frozen=True)
class Claims:
    """One partner's subgraph beside those it joins."""

    sdl: Sdl
    others: Owners

    def new_field(self, about: str, node: Any, what: str) -> Iterator[Problem]:
        """A field that is the partner's alone, where others' answers depend on it."""
        yield from self.taking(about, node)
        if is_required(node):
            yield Problem(
                line_of(node),
                f"{about}: {what} must be nullable, so that an outage of yours costs this field "
                f"only; write {nullable(node)} in place of {type_text(node)}",
                about,
            )

    def taking(self, about: str, node: Any) -> Iterator[Problem]:
        """A field that takes over what another subgraph answers."""
        found = self.sdl.directives(node)
        if "override" in found:
            yield Problem(
                line_of(node),
                f"{about}: @override takes a field from another subgraph, which a partner cannot; "
                "leave it out",
                about,
            )
        if "provides" in found and self.others.of_type(_named(node.type)) is not None:
            yield Problem(
                line_of(node),
                f"{about}: @provides answers fields of {_named(node.type)}, which belong to the "
                f"subgraph {self.others.of_type(_named(node.type))}; leave it out",
                about,
            )

    def beyond(self, nodes: Iterable[Any], allowed: set[str]) -> list[str]:
        """Names of directives that are not among the allowed ones."""
        return [name for name in self.sdl.directives(*nodes) if name not in allowed]


def forbidden(directive: str, line: int, about: str, owner: str | None) -> Problem:
    """A directive on what belongs to another."""
    if directive == "override":
        told = "cannot be taken from it by @override"
    else:
        told = f"cannot carry @{directive} here"
    return Problem(line, f"{about} belongs to the subgraph {owner} and {told}; leave it out", about)


def _named(node: Any) -> str:
    while not hasattr(node, "name"):
        node = node.type
    name: str = node.name.value
    return name
