"""The federation as it stands now, followed from the registry by a process that serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from graphql import GraphQLScalarType, GraphQLSchema, build_schema

from hub.federation.registry import Registry
from hub.federation.supergraph import Supergraph

log = structlog.get_logger("hub.federation")


class Current:
    """The supergraph in force, and the schema of its API.

    Until it was read for the first time, the API is the hub's own and `supergraph` is None.
    """

    def __init__(self, registry: Registry, own: GraphQLSchema) -> None:
        self._registry = registry
        self._own = own
        self.schema = own
        self.supergraph: Supergraph | None = None
        self.changed: list[Callable[[], None]] = []
        """Called after each change."""

    @property
    def partners(self) -> tuple[str, ...]:
        """Names of the partners' subgraphs."""
        return self.supergraph.partners if self.supergraph else ()

    async def run(self, every: float = 1.0) -> None:
        """Follow the registry, for ever; while its store is away, what was read last stands."""
        said = ""
        while True:
            try:
                await self.refresh()
                said = ""
            except Exception as error:  # its tables may not be made yet
                reason = f"{type(error).__name__}: {error}"
                if reason != said:
                    log.warning("the registry cannot be read", reason=reason)
                said = reason
            await asyncio.sleep(every)

    async def refresh(self) -> None:
        """Read the registry if it has a newer version. Raises StoreUnavailable.

        Only the first time is this release's own supergraph made, where it differs: two releases
        that run at once must not replace each other's for ever.
        """
        if self.supergraph is None:
            found = await self._registry.current()
        elif await self._registry.version() == self.supergraph.version:
            return
        else:
            found = await self._registry.newest() or self.supergraph
        self.schema = self._own
        if found.partners:
            self.schema = await asyncio.to_thread(api_schema, found.api, self._own)
        self.supergraph = found
        log.info("supergraph in force", version=found.version, partners=list(found.partners))
        for tell in self.changed:
            tell()


def api_schema(api: str, own: GraphQLSchema) -> GraphQLSchema:
    """The schema of a composed API; the hub's scalars check values as they do in its own."""
    made = build_schema(api, assume_valid=True)
    for name, kind in made.type_map.items():
        known = own.type_map.get(name)
        if isinstance(kind, GraphQLScalarType) and isinstance(known, GraphQLScalarType):
            kind.parse_value = known.parse_value  # type: ignore[method-assign]
            kind.parse_literal = known.parse_literal  # type: ignore[method-assign]
    return made
