"""Putting delivery together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hub.delivery.admission import Admission
from hub.delivery.change_source import ChangeSource
from hub.delivery.delivery import Delivery
from hub.delivery.door import Door
from hub.delivery.event_source import EventSource
from hub.delivery.operations import Operations
from hub.metrics import Metrics
from hub.middleware.caller import Identify
from hub.settings import Settings
from resolvers.cursors import CursorKey
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.postgres import Postgres
from schema.wire import EVENTS

if TYPE_CHECKING:
    from hub.graphql_http import GraphQLEndpoint


def make_operations(
    settings: Settings,
    key: CursorKey,
    at: StoreAddresses,
    postgres: Postgres,
    metrics: Metrics,
    identify: Identify,
    endpoint: Callable[[], GraphQLEndpoint],
) -> Operations:
    """Delivery from the events of Kafka and the changes of PostgreSQL. Nothing is read yet."""
    back = settings.stream_log_events // settings.event_partitions
    events = EventSource(key, at, postgres, settings.topic_prefix + EVENTS, back)
    changes = ChangeSource(key, postgres)
    return Operations(
        settings,
        Delivery(settings, {each.name: each for each in (events, changes)}, metrics),
        Admission(settings, metrics),
        Door(),
        identify,
        endpoint,
    )
