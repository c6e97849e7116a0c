"""How far the graph has come, for those who wait for it."""

from __future__ import annotations

import asyncio
import time

from resolvers.errors import StoreUnavailable
from resolvers.stores import change_log
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Postgres
from resolvers.stores.projector import EMPTYING, STAND, Projector


class Projection:
    """Waits for the graph to reach a position of the log, whoever projects.

    With a `projector` that works in this process nothing is asked of the graph.
    """

    def __init__(
        self, postgres: Postgres, graph: Graph, projector: Projector | None = None
    ) -> None:
        self._postgres = postgres
        self._graph = graph
        self._projector = projector
        self._log_id: str | None = None

    async def position(self) -> int:
        """The position that the graph has reached; -1 while it is being emptied or is no
        projection of this log.

        Raises StoreUnavailable while Neo4j cannot be reached.
        """
        record = await self._graph.run_record(STAND, {})
        if record is None:
            return EMPTYING
        if record[1] != self._log_id:
            self._log_id = await change_log.log_id(self._postgres)
        return int(record[0]) if record[1] == self._log_id else EMPTYING

    async def wait_for(self, position: int, seconds: float) -> bool:
        """Wait until the graph has reached a position; False if it has not within `seconds`."""
        ends = time.monotonic() + seconds
        pause = 0.004
        while (left := ends - time.monotonic()) > 0:
            if self._projector is not None and self._projector.leading:
                try:
                    async with asyncio.timeout(left):
                        await self._projector.keep_pace(position)
                except TimeoutError:
                    return False
                if self._projector.reached(position):
                    return True
                continue
            try:
                if await self.position() >= position:
                    return True
            except StoreUnavailable:
                pause = max(pause, 0.1)
            await asyncio.sleep(min(pause, max(left, 0.0)))
            pause = min(pause * 1.5, 0.1)
        return False
