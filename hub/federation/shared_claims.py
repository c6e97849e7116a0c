"""What a partner may say of another's type that is no entity: a copy of it, if it is shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.federation.claims import Claims, forbidden
from hub.federation.document import Declared, line_of
from hub.federation.problem import Problem
from hub.federation.signature import field_signature, signature

HARMLESS = {"shareable", "specifiedBy", "oneOf", "deprecated"}
"""Directives on a copy of a shared type."""


def shared_claims(
    claims: Claims, declared: Declared, owner: str | None, there: dict[str, Declared]
) -> Iterator[Problem]:
    """What is wrong with a copy; `there` is what others say of the type."""
    name, line = declared.name, declared.line
    if signature(declared) not in {signature(each) for each in there.values()}:
        field = _difference(declared, list(there.values()))
        yield Problem(
            line if field is None else line_of(field),
            f"{name} belongs to the subgraph {owner} and cannot be changed here; "
            "copy its definition as it is, or choose another name",
            name,
        )
        return
    if declared.kind == "object" and not claims.others.shared(name):
        yield Problem(
            line,
            f"{name} belongs to the subgraph {owner}, which does not share it; choose another name",
            name,
        )
        return
    members = [*declared.fields.values(), *declared.values.values()]
    for node in [*declared.nodes, *members]:
        for each in claims.beyond([node], HARMLESS):
            yield forbidden(each, line_of(node), name, owner)


def _difference(declared: Declared, there: list[Declared]) -> Any:
    """The first part of a definition that no other subgraph has so, None if it lacks some."""
    for name, node in declared.fields.items():
        found = (each.fields.get(name) for each in there)
        if field_signature(node) not in [field_signature(f) for f in found if f is not None]:
            return node
    for name, node in declared.values.items():
        if not any(name in each.values for each in there):
            return node
    return None
