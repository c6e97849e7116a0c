"""The counts of ingest as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.ingest.counts import Counts


class Figures(Collector):
    """Each count is `hub_ingest_<name>_total`."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        for name, value in self._counts.as_dict().items():
            yield CounterMetricFamily(f"hub_ingest_{name}", f"Ingest: {name}.", value)


def registry_of(counts: Counts) -> CollectorRegistry:
    """A registry with the counts in it."""
    registry = CollectorRegistry()
    registry.register(Figures(counts))
    return registry
