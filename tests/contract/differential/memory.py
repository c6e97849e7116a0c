"""Stores that remember what they answered, to spare the reference executor its repetitions.

The records do not change while operations are compared, so an answer holds for the whole run.
"""

from __future__ import annotations

from typing import Any

from resolvers.execute import Services


class Remembering:
    """The reads of a store, each asked of it once."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._known: dict[Any, Any] = {}

    async def run_record(self, text: str, params: dict[str, Any]) -> Any:
        key = (text, tuple(params.items()))
        if key not in self._known:
            self._known[key] = await self._store.run_record(text, params)
        return self._known[key]

    async def fetch(self, text: str, *params: Any) -> Any:
        key = (text, params)
        if key not in self._known:
            self._known[key] = await self._store.fetch(text, *params)
        return self._known[key]

    async def fetchrow(self, text: str, *params: Any) -> Any:
        found = await self.fetch(text, *params)
        return found[0] if found else None


def remembering(services: Services) -> Services:
    """The same services over stores that remember."""
    return Services(
        Remembering(services.graph),  # type: ignore[arg-type]
        Remembering(services.postgres),  # type: ignore[arg-type]
        services.placement,
        zone=services.zone,
    )
