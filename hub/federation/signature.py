"""What a definition means, without its descriptions."""

from __future__ import annotations

from typing import Any

from graphql import NonNullTypeNode, print_ast

from hub.federation.document import Declared


def type_text(node: Any) -> str:
    """The type of a field or argument, as it is written in SDL."""
    return print_ast(node.type)


def field_signature(node: Any) -> tuple[Any, ...]:
    """A field's or input field's type, default, and arguments with theirs."""
    default = getattr(node, "default_value", None)
    arguments = getattr(node, "arguments", None) or ()
    return (
        type_text(node),
        print_ast(default) if default else None,
        tuple(sorted((a.name.value, field_signature(a)) for a in arguments)),
    )


def signature(declared: Declared) -> tuple[Any, ...]:
    """A whole type's meaning."""
    return (
        declared.kind,
        tuple(sorted((name, field_signature(node)) for name, node in declared.fields.items())),
        tuple(sorted(declared.values)),
        tuple(sorted(declared.members)),
    )


def is_required(node: Any) -> bool:
    """Whether a field's type is non-null at its outside."""
    return isinstance(node.type, NonNullTypeNode)


def nullable(node: Any) -> str:
    """A field's type with the outer `!` left out."""
    return type_text(node).removesuffix("!")
