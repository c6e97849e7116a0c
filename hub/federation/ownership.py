"""Nobody claims what belongs to another: types, fields and root fields of other subgraphs."""

from __future__ import annotations

from collections.abc import Iterator

from hub.federation.claims import Claims
from hub.federation.document import ROOTS, Declared, Sdl, line_of
from hub.federation.entity_claims import entity_claims
from hub.federation.owners import Owners
from hub.federation.problem import Problem
from hub.federation.shared_claims import shared_claims


def ownership_problems(sdl: Sdl, others: Owners) -> Iterator[Problem]:
    """Every claim of a partner's subgraph on what belongs to others, in the order of the file."""
    claims = Claims(sdl, others)
    for declared in sdl.types.values():
        if declared.name in ROOTS.values():
            yield from _root(claims, declared)
        elif others.of_type(declared.name) is not None:
            yield from _others_type(claims, declared)
        else:
            for name, node in declared.fields.items():
                yield from claims.taking(f"{declared.name}.{name}", node)


def _root(claims: Claims, declared: Declared) -> Iterator[Problem]:
    for each in claims.beyond(declared.nodes, {"extends", "shareable"}):
        told = f"{declared.name} belongs to all subgraphs and cannot carry @{each}; leave it out"
        yield Problem(declared.line, told, declared.name)
    for name, node in declared.fields.items():
        about = f"{declared.name}.{name}"
        owner = claims.others.of_field(declared.name, name)
        if owner is not None:
            yield Problem(
                line_of(node),
                f"the root field {name} belongs to the subgraph {owner}; choose another name",
                about,
            )
            continue
        yield from claims.new_field(about, node, "a root field")


def _others_type(claims: Claims, declared: Declared) -> Iterator[Problem]:
    name, line = declared.name, declared.line
    owner = claims.others.of_type(name)
    there = claims.others.types(name)
    kinds = {each.kind for each in there.values()}
    if "interfaceObject" in claims.sdl.directives(*declared.nodes):
        yield Problem(
            line,
            f"{name} belongs to the subgraph {owner} and cannot be an @interfaceObject, which "
            "would add fields to all its types; extend those types one by one",
            name,
        )
    elif declared.kind not in kinds:
        yield Problem(
            line,
            f"the type {name} belongs to the subgraph {owner}, where it is of another kind "
            f"({min(kinds).replace('_', ' ')}); choose another name",
            name,
        )
    elif declared.kind == "object" and claims.others.keys(name):
        yield from entity_claims(claims, declared, owner)
    else:
        yield from shared_claims(claims, declared, owner, there)
