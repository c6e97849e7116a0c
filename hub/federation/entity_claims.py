"""What a partner may say of another's entity: its keys, @external fields, and new fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.federation.claims import Claims, forbidden
from hub.federation.document import Declared, line_of
from hub.federation.problem import Problem
from hub.federation.signature import field_signature, type_text

ON_TYPES = {"key", "shareable", "extends", "external"}
"""Directives that a partner may put on another's type, and on another's field."""
ON_FIELDS = {"external", "shareable"}


def entity_claims(claims: Claims, declared: Declared, owner: str | None) -> Iterator[Problem]:
    """What is wrong with a partner's part of an entity that belongs to `owner`."""
    name = declared.name
    known = claims.others.keys(name)
    mine = claims.sdl.keys(declared)
    for each in claims.beyond(declared.nodes, ON_TYPES):
        yield forbidden(each, declared.line, name, owner)
    if not mine:
        yield Problem(
            declared.line,
            f"{name} belongs to the subgraph {owner}; to add fields to it, give it its key: "
            f'type {name} @key(fields: "{known[0]}") {{ … }}',
            name,
        )
        return
    for key in mine:
        if key not in known:
            told = " or ".join(f'"{each}"' for each in known)
            yield Problem(declared.line, f'{name} has no key "{key}"; use its key {told}', name)
    in_keys = {part for key in mine if key in known for part in _names(key)}
    for field, node in declared.fields.items():
        yield from _entity_field(claims, declared, field, node, field in in_keys)


def _entity_field(
    claims: Claims, declared: Declared, field: str, node: Any, in_key: bool
) -> Iterator[Problem]:
    about = f"{declared.name}.{field}"
    owner = claims.others.of_field(declared.name, field)
    if owner is None:
        if "external" not in claims.sdl.directives(node, *declared.nodes):
            yield from claims.new_field(about, node, f"a field added to {declared.name}")
        else:
            yield from claims.taking(about, node)
        return
    external = "external" in claims.sdl.directives(node, *declared.nodes)
    for each in claims.beyond([node], ON_FIELDS):
        yield forbidden(each, line_of(node), about, owner)
    if not in_key and not external:
        yield Problem(
            line_of(node),
            f"{about} belongs to the subgraph {owner}; leave it out, or mark it @external "
            "if a @requires of yours needs it",
            about,
        )
        return
    theirs = claims.others.documents[owner].types[declared.name].fields[field]
    if field_signature(node) != field_signature(theirs):
        yield Problem(
            line_of(node),
            f"{about} belongs to the subgraph {owner}, where it is written "
            f"{_written(field, theirs)}; write it the same",
            about,
        )


def _names(key: str) -> list[str]:
    """The names at the top of a key's selection."""
    names, depth = [], 0
    for part in key.replace("{", " { ").replace("}", " } ").split():
        if part in "{}":
            depth += 1 if part == "{" else -1
        elif depth == 0:
            names.append(part)
    return names


def _written(name: str, node: Any) -> str:
    arguments = ", ".join(f"{a.name.value}: {type_text(a)}" for a in node.arguments or ())
    return f"{name}({arguments}): {type_text(node)}" if arguments else f"{name}: {type_text(node)}"
