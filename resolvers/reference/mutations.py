"""Resolvers of `createX`, `updateX` and `retireX`, and of their payloads."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from graphql import GraphQLSchema

from resolvers.catalog import Catalog, Entity
from resolvers.errors import Internal
from resolvers.reference.context import Info
from resolvers.reference.objects import Resolve


def mutation_resolvers(catalog: Catalog) -> Mapping[str, Resolve]:
    """A resolver for every mutation."""
    found: dict[str, Resolve] = {}
    for entity in catalog:
        for verb in ("create", "update", "retire"):
            found[f"{verb}{entity.name}"] = _mutation(entity, verb)
    return found


def _mutation(entity: Entity, verb: str) -> Resolve:
    async def resolve(_: Any, info: Info, input: Mapping[str, Any]) -> Any:
        raise Internal(f"{verb}{entity.name} has no command yet")

    return resolve


def payload_resolvers(schema: GraphQLSchema, entity: Entity) -> Mapping[str, Resolve]:
    """The resolvers of a payload."""
    names = (entity.lookup, "version", "position", "status", "clientMutationId")
    return {name: (lambda payload, info, get=itemgetter(name): get(payload)) for name in names}
