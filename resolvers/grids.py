"""The placement index, built from the grids as the change log has them now."""

from __future__ import annotations

from resolvers.placement import Placement
from resolvers.stores.postgres import Postgres

STATE = """
select count(*), coalesce(max(v.from_position), 0)
from entity_versions v where v.type = 'Grid' and v.to_position is null"""
"""Differs whenever a grid was made, changed or retired."""

CURRENT = """
select v.code, v.fields -> 'boundary' as boundary
from entity_versions v
where v.type = 'Grid' and v.to_position is null and v.operation <> 'RETIRED'
  and v.fields ? 'boundary'"""


class Grids:
    """Keeps a Placement that follows the log."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._state: tuple[int, int] | None = None
        self.latest = Placement([])
        """The index as `placement` last gave it."""

    async def placement(self) -> Placement:
        """The index over the live grids, made anew if any of them changed.

        Raises StoreUnavailable while PostgreSQL cannot be reached.
        """
        row = await self._postgres.fetchrow(STATE)
        assert row is not None
        state = (row[0], row[1])
        if state != self._state:
            rows = await self._postgres.fetch(CURRENT)
            self.latest = Placement((row["code"], row["boundary"]) for row in rows)
            self._state = state
        return self.latest
