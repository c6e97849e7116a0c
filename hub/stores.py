"""The hub's connections to its stores. Each connects when first needed, so any may be down."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from resolvers.catalog import Catalog
from resolvers.changes import Changes
from resolvers.codes import Codes
from resolvers.errors import StoreUnavailable
from resolvers.execute import Services
from resolvers.grids import Grids
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.graph_schema import ensure_schema
from resolvers.stores.migrate import migrate, preparing_alone, role_of
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres
from resolvers.stores.projector import Projector


@dataclass(frozen=True)
class Stores:
    """Open stores, and the projector that carries one into the other."""

    addresses: StoreAddresses
    graph: Graph
    postgres: Postgres
    projector: Projector
    services: Services
    """What operations are executed on."""

    @classmethod
    async def open(
        cls, addresses: StoreAddresses, catalog: Catalog, codes: Codes | None = None
    ) -> Stores:
        """Stores that nothing has connected to yet. `codes` checks those of new records."""
        graph = Graph.open(addresses.neo4j_url, addresses.neo4j_user, addresses.neo4j_password)
        postgres = await Postgres.open(addresses.postgres_service_dsn)
        projector = Projector(postgres, graph, catalog)
        changes = Changes(postgres, graph, catalog, codes=codes, projector=projector)
        services = Services(graph, postgres, None, changes)
        return cls(addresses, graph, postgres, projector, services)

    async def follow_grids(self, every: float = 2.0) -> None:
        """Keep the placement of positions on grids up to date, for ever."""
        grids = Grids(self.postgres)
        while True:
            with contextlib.suppress(StoreUnavailable):
                self.services.placement = await grids.placement()
            await asyncio.sleep(every)

    async def prepare(self, catalog: Catalog) -> None:
        """Bring both databases to this release. Safe to repeat, and in several processes.

        Raises StoreUnavailable, or MigrationError where a store is of a newer release.
        """
        async with preparing_alone(self.addresses.postgres_owner_dsn):
            await migrate(
                self.addresses.postgres_owner_dsn,
                service_role=role_of(self.addresses.postgres_service_dsn),
                auditor_role=role_of(self.addresses.postgres_auditor_dsn),
            )
            await ensure_schema(self.graph, catalog)

    async def close(self) -> None:
        """Give all connections back."""
        await self.graph.close()
        await self.postgres.close()
