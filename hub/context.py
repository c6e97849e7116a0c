"""The hub: what one process of the service holds for as long as it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from graphql import GraphQLSchema

from hub.delivery.operations import Operations
from hub.delivery.streaming import Streaming
from hub.delivery.streams import make_operations
from hub.district.profile import load_profile
from hub.documents import Documents
from hub.doors.ingest import IngestDoor
from hub.engines import addresses
from hub.executor import make_executor, whole_schema
from hub.federation.service import DIRECTORY, Federation
from hub.federation.usage import Usage
from hub.graphql_http import GraphQLEndpoint
from hub.health import Health
from hub.ingest.names import Names
from hub.issuer import Issuer
from hub.keys import Keys
from hub.limits import Limits
from hub.metrics import Metrics
from hub.middleware.caller import Identify
from hub.probes import probes_of, progress_of
from hub.settings import Settings
from hub.stores import Stores
from hub.tracing import Tracing
from hub.upkeep import Upkeep
from hub.webhooks.service import Webhooks
from resolvers.catalog import Catalog
from resolvers.codes import Codes
from resolvers.cursors import CursorKey
from resolvers.errors import HubError
from resolvers.model import CATALOG
from resolvers.operation import GraphQLExecutor
from resolvers.reviews import Reviews
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.sender import Sender

log = structlog.get_logger("hub")

TRUSTED = 20
"""How many times as wide limits are for what a gateway makes of an operation it had checked."""

MakeExecutor = Callable[[Settings, GraphQLSchema, Catalog, Stores, Keys], GraphQLExecutor]


class Hub:
    """Settings, keys and schema from the start; stores while the service runs."""

    endpoint: GraphQLEndpoint
    health: Health
    ingest: IngestDoor
    operations: Operations
    """What comes over connections that may hold streams."""
    federation: Federation | None = None
    """Where the process serves the directory's subgraph: what a gateway asks."""

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
        given = settings.gateway_key
        self.gateway_key = given.get_secret_value() if given else self.keys.gateway
        self.identify = Identify(self.issuer, self.gateway_key)
        self._make_executor = make_executor

    @asynccontextmanager
    async def open(self, app: object = None) -> AsyncIterator[None]:
        """Hold the stores for the length of the block. A store that is down does not keep the hub
        from starting: it is used as soon as it answers."""
        settings = self.settings
        stores = await Stores.open(self.at, self.catalog, self.codes)
        names = Names(settings.topic_prefix)
        topics = names.topics(settings.event_partitions)
        sender = Sender(self.at, topics=topics, seconds=settings.ingest_seconds)
        self.ingest = IngestDoor(sender, names.detections, settings.ingest_entries)
        stores.services.reviews = Reviews(
            stores.postgres, sender, names.reviews, seconds=settings.review_seconds
        )
        stores.services.zone = zone_of(settings)
        webhooks = Webhooks(settings, self.keys, stores.postgres, self.catalog)
        stores.services.webhooks = webhooks.commands
        upkeep = Upkeep(stores, self.catalog, self.metrics)
        self.health = Health(
            probes_of(stores, settings.probe_seconds),
            partial(progress_of, stores, upkeep),
            self.metrics,
            answering=frozenset({"neo4j", "postgres"}),
            seconds=settings.probe_seconds,
        )
        usage = Usage(stores.postgres)
        self.operations = make_operations(
            settings,
            CursorKey(self.keys.cursor),
            self.at,
            stores.postgres,
            self.metrics,
            self.identify,
            lambda: self.endpoint,
        )
        executor = self._make_executor(settings, self.schema, self.catalog, stores, self.keys)
        self.endpoint = GraphQLEndpoint(
            executor=executor,
            documents=self._documents(1),
            trusted=self._documents(TRUSTED) if settings.subgraph else None,
            usage=None if settings.subgraph else usage,
            schema=self.schema,
            catalog=self.catalog,
            metrics=self.metrics,
            tracing=self.tracing,
            seconds=settings.request_seconds,
            reference=settings.reference_executor,
            streams=Streaming(self.operations),
        )
        if settings.subgraph == DIRECTORY:
            whole = make_executor(settings, whole_schema(), self.catalog, stores, self.keys)
            self.federation = Federation(self, stores, whole, usage)
            self.federation.start()
        upkeep.start()
        if settings.subgraph in (None, "events"):
            webhooks.start()
        self.operations.start()
        counting = asyncio.create_task(usage.run(), name="usage")
        log.info("started")
        try:
            yield
        finally:
            counting.cancel()
            await asyncio.wait((counting,))
            if self.federation is not None:
                await self.federation.stop()
            await self.operations.stop()
            await webhooks.stop()
            await upkeep.stop()
            with contextlib.suppress(HubError):
                await usage.flush()
            await sender.close()
            await stores.close()
            self.tracing.close()
            log.info("stopped")

    def _documents(self, factor: int) -> Documents:
        return Documents(
            self.schema,
            Limits.of(self.settings).times(factor),
            self.metrics,
            size=self.settings.document_cache,
            introspection=self.settings.introspection,
        )


def codes_of(settings: Settings) -> Codes:
    """The code patterns of the districts served. Raises ProfileError for one there is not."""
    names = [name.strip() for name in settings.districts.split(",")]
    return Codes([load_profile(name).patterns for name in names if name])


def zone_of(settings: Settings) -> str:
    """The time zone of the first district served, by its IANA name."""
    name = settings.districts.split(",")[0].strip()
    return str(load_profile(name).zone) if name else "UTC"


def issuer_of(settings: Settings, keys: Keys) -> Issuer:
    """The built-in issuer by settings; makes its key at first need."""
    return Issuer(
        keys.issuer,
        issuer=settings.issuer,
        audience=settings.audience,
        leeway=settings.token_leeway_seconds,
        max_bytes=settings.max_token_bytes,
    )
