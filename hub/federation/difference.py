"""How two schemas of the API differ: what comes, what goes, and what is not as it was.

Both are built from SDL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    print_ast,
)

from hub.federation.document import ROOTS


@dataclass(frozen=True)
class Altered:
    """A part of the API that is not as it was."""

    coordinate: str
    was: str
    now: str
    """Empty where it is gone; `was` is empty where it is new and may not be."""


def gained(before: GraphQLSchema, after: GraphQLSchema) -> list[str]:
    """New types, and new fields of types that were there before, as coordinates."""
    found = []
    for name, kind in _types(after).items():
        if name not in before.type_map:
            found.append(name)
        else:
            was = getattr(before.type_map[name], "fields", {})
            found += [f"{name}.{each}" for each in getattr(kind, "fields", {}) if each not in was]
    return sorted(found)


def altered(before: GraphQLSchema, after: GraphQLSchema, entities: set[str]) -> Iterator[Altered]:
    """What is not the same in `after`; only entities and root types may have gained fields."""
    grows = entities | set(ROOTS.values())
    for name, old in _types(before).items():
        new = after.type_map.get(name)
        was = _parts(old)
        now = _parts(new) if new is not None else {}
        for part in dict.fromkeys([*was, *now]):
            if part not in was and name in grows:
                continue
            if (part not in was and part == "") or was.get(part) == now.get(part):
                continue
            yield Altered(f"{name}{part}", was.get(part, ""), now.get(part, ""))
            if part == "":
                break
    directives = {each.name: each for each in after.directives}
    for each in before.directives:
        there = directives.get(each.name)
        if there is None or _arguments(there) != _arguments(each):
            yield Altered(f"@{each.name}", _arguments(each), _arguments(there) if there else "")


def _types(schema: GraphQLSchema) -> Mapping[str, Any]:
    return {name: kind for name, kind in schema.type_map.items() if not name.startswith("__")}


def _parts(kind: Any) -> dict[str, str]:
    """Each part of a type with what it is; "" stands for the type itself."""
    parts = {"": type(kind).__name__.removeprefix("GraphQL").removesuffix("Type").lower()}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            parts[f".{name}"] = f"{_arguments(field)}: {field.type}"
        parts.update({f" implements {each.name}": "so" for each in kind.interfaces})
    elif isinstance(kind, GraphQLInputObjectType):
        for name, each in kind.fields.items():
            parts[f".{name}"] = _input(each)
        parts[" @oneOf"] = str(kind.is_one_of)
    elif isinstance(kind, GraphQLEnumType):
        parts.update({f".{name}": "value" for name in kind.values})
    elif isinstance(kind, GraphQLUnionType):
        parts[" ="] = _listed(kind.types)
    return parts


def _arguments(holder: Any) -> str:
    listed = (f"{name}: {_input(each)}" for name, each in sorted(holder.args.items()))
    text = ", ".join(listed)
    return f"({text})" if text else ""


def _input(part: Any) -> str:
    default = part.ast_node.default_value if part.ast_node else None
    return f"{part.type} = {print_ast(default)}" if default else f"{part.type}"


def _listed(kinds: Any) -> str:
    return ", ".join(sorted(kind.name for kind in kinds))
