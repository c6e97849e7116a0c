"""What every rule about a partner's subgraph looks at: the subgraph, and all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import FragmentSpreadNode, GraphQLSyntaxError, InlineFragmentNode, parse

from hub.federation.document import Sdl, argument, line_of
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
        for each in found.get("provides", ()):
            if (theirs := self._provided(node, each)) is not None:
                yield Problem(
                    line_of(node),
                    f"{about}: @provides answers fields of {theirs}; leave it out",
                    about,
                )

    def _provided(self, node: Any, directive: Any) -> str | None:
        """What of others' a @provides may answer, None if surely nothing."""
        try:
            (query,) = parse(f"{{ {argument(directive, 'fields')} }}", no_location=True).definitions
            return self._reached(query.selection_set, _named(node.type))  # type: ignore[attr-defined]
        except (GraphQLSyntaxError, RecursionError, ValueError):
            return "what it does not name clearly"

    def _reached(self, selections: Any, name: str) -> str | None:
        name = self.sdl.roots.get(name, name)
        for each in (name, *self._possible(name)):
            if (owner := self.others.of_type(each)) is not None:
                return f"{each}, which belong to the subgraph {owner}"
        declared = self.sdl.types.get(name)
        for each in selections.selections:
            inner, below = getattr(each, "selection_set", None), name
            if isinstance(each, FragmentSpreadNode) or declared is None:
                return f"{name}, which this file does not tell"
            if isinstance(each, InlineFragmentNode):
                below = each.type_condition.name.value if each.type_condition else name
            elif each.name.value != "__typename":
                if each.name.value not in declared.fields:
                    return f"{name}, but {each.name.value} is none"
                below = _named(declared.fields[each.name.value].type)
            if inner is not None and (found := self._reached(inner, below)) is not None:
                return found
        return None

    def _possible(self, name: str) -> set[str]:
        """The types of the file that an interface or union may give."""
        declared = self.sdl.types.get(name)
        members = declared.members if declared and declared.kind == "union" else set()
        return members | {t.name for t in self.sdl.types.values() if name in t.members}

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
