"""The hub: what one process of the service holds for as long as it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from graphql import GraphQLSchema

from hub.district.profile import load_profile
from hub.documents import Documents
from hub.engines import addresses
from hub.executor import make_executor
from hub.graphql_http import GraphQLEndpoint
from hub.health import Health
from hub.issuer import Issuer
from hub.keys import Keys
from hub.limits import Limits
from hub.metrics import Metrics
from hub.probes import probes_of, progress_of
from hub.settings import Settings
from hub.stores import Stores
from hub.tracing import Tracing
from hub.upkeep import Upkeep
from resolvers.catalog import Catalog
from resolvers.codes import Codes
from resolvers.model import CATALOG
from resolvers.operation import GraphQLExecutor
from resolvers.stores.addresses import StoreAddresses

log = structlog.get_logger("hub")

MakeExecutor = Callable[[Settings, GraphQLSchema, Catalog, Stores, Keys], GraphQLExecutor]


class Hub:
    """Settings, keys and schema from the start; stores while the service runs."""

    endpoint: GraphQLEndpoint
    health: Health

    def __init__(
        self,
        settings: Settings,
        schema: GraphQLSchema,
        *,
        catalog: Catalog = CATALOG,
        make_executor: MakeExecutor = make_executor,
        at: StoreAddresses | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.settings = settings
        self.schema = schema
        self.catalog = catalog
        self.keys = Keys(settings.data / "keys")
        self.issuer = issuer_of(settings, self.keys)
        self.metrics = Metrics()
        self.tracing = tracing or Tracing.to(settings.otlp_endpoint)
        self.at = at or addresses(settings)
        self.codes = codes_of(settings)
        self._make_executor = make_executor

    @asynccontextmanager
    async def open(self, app: object = None) -> AsyncIterator[None]:
        """Hold the stores for the length of the block. A store that is down does not keep the hub
        from starting: it is used as soon as it answers."""
        settings = self.settings
        stores = await Stores.open(self.at, self.catalog, self.codes)
        upkeep = Upkeep(stores, self.catalog, self.metrics)
        self.health = Health(
            probes_of(stores, settings.probe_seconds),
            partial(progress_of, stores, upkeep),
            self.metrics,
            answering=frozenset({"neo4j", "postgres"}),
            seconds=settings.probe_seconds,
        )
        self.endpoint = GraphQLEndpoint(
            executor=self._make_executor(settings, self.schema, self.catalog, stores, self.keys),
            documents=Documents(
                self.schema,
                Limits.of(settings),
                self.metrics,
                size=settings.document_cache,
                introspection=settings.introspection,
            ),
            catalog=self.catalog,
            metrics=self.metrics,
            tracing=self.tracing,
            seconds=settings.request_seconds,
            reference=settings.reference_executor,
        )
        upkeep.start()
        log.info("started")
        try:
            yield
        finally:
            await upkeep.stop()
            await stores.close()
            self.tracing.close()
            log.info("stopped")


def codes_of(settings: Settings) -> Codes:
    """The code patterns of the districts served. Raises ProfileError for one there is not."""
    names = [name.strip() for name in settings.districts.split(",")]
    return Codes([load_profile(name).patterns for name in names if name])


def issuer_of(settings: Settings, keys: Keys) -> Issuer:
    """The built-in issuer by settings; makes its key at first need."""
    return Issuer(
        keys.issuer,
        issuer=settings.issuer,
        audience=settings.audience,
        leeway=settings.token_leeway_seconds,
        max_bytes=settings.max_token_bytes,
    )
