"""Makes the whole schema, or one subgraph of it, from the domains' blocks and the catalogue.

A domain is added by one line in `DOMAINS`. Types refer to each other by name; each target gets
classes of its own, so a subgraph is a view of the single schema: the types its domain owns, the
keys of those it refers to or extends, and the shared value types.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Literal

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.federation import Schema as FederationSchema
from strawberry.schema.config import StrawberryConfig

from resolvers.catalog import Catalog
from resolvers.model import CATALOG
from schema import cameras, departments, directory, events, firms, licences, places, venues
from schema.blocks import Connection, Domain
from schema.entities import EntityTypes
from schema.operations import Operations
from schema.registry import Registry
from schema.rows import RowTypes
from schema.values import SCALARS

DOMAINS: tuple[Domain, ...] = (
    directory.DOMAIN,
    places.DOMAIN,
    venues.DOMAIN,
    firms.DOMAIN,
    licences.DOMAIN,
    departments.DOMAIN,
    cameras.DOMAIN,
    events.DOMAIN,
)

FEDERATION_VERSION: Literal["2.9"] = "2.9"


def build(
    target: str | None = None,
    domains: tuple[Domain, ...] = DOMAINS,
    catalog: Catalog = CATALOG,
) -> strawberry.Schema:
    """The whole schema, or the subgraph named by its domain.

    Raises ValueError for a target that is no domain, a block that names what the catalogue does
    not know, or two blocks that declare the same field.
    """
    if target is not None and target not in {domain.name for domain in domains}:
        raise ValueError(f"no subgraph {target!r}: there are {[d.name for d in domains]}")
    check_blocks(domains, catalog)
    registry = Registry(target)
    EntityTypes(registry, domains, catalog).add()
    RowTypes(registry, domains, catalog).add()
    roots = Operations(registry, domains, catalog).add()
    registry.make()
    config = StrawberryConfig(auto_camel_case=False, scalar_map=dict(SCALARS))
    types = list(registry.roots())
    query, mutation, subscription = (
        registry[roots[kind]] if kind in roots else None
        for kind in ("query", "mutation", "subscription")
    )
    assert query is not None
    made: strawberry.Schema
    if target is None:
        made = strawberry.Schema(
            query=query, mutation=mutation, subscription=subscription, types=types, config=config
        )
    else:
        made = FederationSchema(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            config=config,
            federation_version=FEDERATION_VERSION,
        )
    validate_one_of(made, registry)
    return made


def validate_one_of(made: strawberry.Schema, registry: Registry) -> None:
    """Tell graphql-core which inputs take exactly one field, so that it validates documents.

    Strawberry looks at coerced values only, which literals in a compiled operation never become.
    """
    for name, spec in registry.specs.items():
        kind = made._schema.type_map.get(name)
        if spec.one_of and isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = True


_ONE_AT_A_TIME = Lock()
"""Strawberry fails where two threads build schemas."""


@cache
def whole() -> strawberry.Schema:
    """The single process's schema, built once."""
    with _ONE_AT_A_TIME:
        return build()


@cache
def subgraph(name: str) -> strawberry.Schema:
    """The schema of a subgraph, built once. Raises ValueError for a name that is no domain."""
    with _ONE_AT_A_TIME:
        return build(name)


def check_blocks(domains: tuple[Domain, ...], catalog: Catalog) -> None:
    """Raises ValueError where blocks and catalogue disagree, naming both."""
    seen: dict[tuple[str, str], str] = {}
    for domain in domains:
        for block in (*domain.entities.values(), *domain.extensions):
            if block.type_name not in catalog:
                raise ValueError(f"{domain.name}: the catalogue has no type {block.type_name}")
            for name, part in block.fields.items():
                if (block.type_name, name) in seen:
                    raise ValueError(
                        f"{block.type_name}.{name} is declared by {seen[block.type_name, name]} "
                        f"and by {domain.name}"
                    )
                seen[block.type_name, name] = domain.name
                reverse = catalog.reverses[block.type_name].get(name)
                rows = catalog.row_reverses[block.type_name].get(name)
                owners = {each.source.domain for each in (reverse, rows) if each is not None}
                if isinstance(part, Connection) and domain.name not in owners:
                    raise ValueError(
                        f"{domain.name}: {block.type_name}.{name} is the reverse of no edge of its"
                    )
    declared = {name for domain in domains for name in domain.entities}
    for missing in catalog.rows.keys() - {name for domain in domains for name in domain.rows}:
        raise ValueError(f"no domain declares the type {missing}")
    for entity in catalog:
        if entity.name not in declared:
            raise ValueError(f"no domain declares the type {entity.name}")
        for name in (*catalog.reverses[entity.name], *catalog.row_reverses[entity.name]):
            if (entity.name, name) not in seen:
                raise ValueError(f"no block declares the connection {entity.name}.{name}")
