"""The projector: brings the change log into Neo4j, in order, and keeps the position there.

The node `(:Projection {name: 'graph'})` holds the position up to which the graph has come and
the name of the log it was built from; both change in the same transaction as the graph itself.
After any crash the projector goes on where the graph says it stands. One projector works at a
time (a PostgreSQL advisory lock); a stalled one that wakes up late finds another position than
it expects, and its transaction is refused.

A graph without a position, or of another log, or ahead of the log, is emptied and built anew:
position -1 means that it is being emptied.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog
from neo4j import AsyncTransaction

from resolvers.catalog import Catalog
from resolvers.document import ChangeSet
from resolvers.errors import StoreUnavailable
from resolvers.stores.change_log import CHANNEL, read_sets
from resolvers.stores.graph_schema import ensure_schema
from resolvers.stores.graph_writer import GraphWriter, Statement
from resolvers.stores.neo4j import Graph
from resolvers.stores.outage import POSTGRES_DOWN
from resolvers.stores.postgres import Postgres

LEASE = 0x50524F4A
"""Advisory lock (`PROJ`) held by the one projector that works."""

EMPTYING = -1

# The first SET takes the node's write lock, so the comparison sees what was committed before.
ADVANCE = """
MATCH (p:Projection {name: 'graph'}) SET p.moving_to = $to WITH p
WHERE p.position = $from AND p.log_id = $log_id
SET p.position = $to RETURN p.position"""

STAND = "MATCH (p:Projection {name: 'graph'}) RETURN p.position, p.log_id"

START_EMPTYING = """
// Whoever projects finds this and empties the graph, then begins at the log's beginning.
MERGE (p:Projection {name: 'graph'}) SET p.position = -1, p.log_id = $log_id"""

EMPTY_SOME = """
MATCH (n:Record) WITH n LIMIT 10000 DETACH DELETE n RETURN count(*)"""

FAILURES: tuple[type[BaseException], ...] = (StoreUnavailable, *POSTGRES_DOWN)

log = structlog.get_logger()


class Fenced(Exception):
    """Another projector has moved the graph on."""


class GraphDiverged(Exception):
    """The graph lacks a record that the log says it holds; `hub graph rebuild` makes it anew."""


class Projector:
    """Brings change sets into the graph while it holds the lease.

    `position` is the last position it knows the graph to have reached, None before it knows.
    """

    def __init__(
        self,
        postgres: Postgres,
        graph: Graph,
        catalog: Catalog,
        *,
        max_rows: int = 5000,
        poll_seconds: float = 1.0,
    ) -> None:
        self._postgres = postgres
        self._graph = graph
        self._catalog = catalog
        self._writer = GraphWriter(catalog)
        self._max_rows = max_rows
        self._poll = poll_seconds
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._handed: dict[int, ChangeSet] = {}
        self._log_id = ""
        self.position: int | None = None
        self.leading = False
        self.trouble: str | None = None

    def hand_over(self, item: ChangeSet) -> None:
        """Spare a projector in the writer's own process the reading of a set just committed."""
        if self.leading:
            self._handed[item.position] = item
        self._wake.set()

    async def run(self) -> None:
        """Project for ever; failures are logged and tried again. Ends when cancelled."""
        pause = 0.1
        while True:
            try:
                await self._lead()
                pause = 0.1
            except Fenced:
                log.info("projector.fenced", position=self.position)
            except FAILURES as error:
                self._report(str(error) or type(error).__name__)
            except GraphDiverged as error:
                self._report(str(error))
                pause = max(pause, 5.0)
            except Exception as error:
                self._report(f"{type(error).__name__}: {error}")
                pause = max(pause, 5.0)
            finally:
                await self._resign()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def catch_up(self, position: int) -> None:
        """Wait until the graph has reached a position; `run` must be under way."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.reached(position))

    async def keep_pace(self, position: int) -> None:
        """As `catch_up`, but no longer than this process is the one that projects."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self.leading or self.reached(position))

    def reached(self, position: int) -> bool:
        """Whether the graph is known to have reached a position."""
        return self.position is not None and self.position >= position

    def _report(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("projector.waiting", reason=trouble)
        self.trouble = trouble

    async def _resign(self) -> None:
        async with self._moved:
            self.leading = False
            self._handed.clear()
            self._moved.notify_all()

    async def _lead(self) -> None:
        connection = await self._postgres.connect()
        try:
            await self._take_lease(connection)
            await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
            self.leading = True
            await self._follow(connection)
        finally:
            with contextlib.suppress(*POSTGRES_DOWN, TimeoutError):
                await connection.close(timeout=2)

    async def _take_lease(self, connection: asyncpg.Connection) -> None:
        free = False
        while not free:
            free = await connection.fetchval("select pg_try_advisory_lock($1)", LEASE)
            if not free:
                self.trouble = None  # another process projects, and reports its own
                await asyncio.sleep(self._poll)

    async def _follow(self, connection: asyncpg.Connection) -> None:
        await self._announce(await self._stand(connection))
        upcoming = await self._next(connection)
        while True:
            self.trouble = None
            if not upcoming:
                if await self._sleep():
                    await self._still_there()
                upcoming = await self._next(connection)
                continue
            applying = asyncio.create_task(self._apply(upcoming))
            reached = upcoming[-1].position
            try:
                following = await self._next(connection, after=reached)
            finally:
                await applying
            await self._announce(reached)
            upcoming = following

    async def _sleep(self) -> bool:
        """Wait for a change set; whether the time ran out."""
        try:
            async with asyncio.timeout(self._poll):
                await self._wake.wait()
        except TimeoutError:
            return True
        return False

    async def _still_there(self) -> None:
        """Raises Fenced if the graph was put back, as `hub graph rebuild` does."""
        found = await self._graph.run(STAND)
        if not found or found[0] != [self.position, self._log_id]:
            raise Fenced

    async def _next(
        self, connection: asyncpg.Connection, after: int | None = None
    ) -> list[ChangeSet]:
        assert self.position is not None
        start = self.position if after is None else after
        self._wake.clear()
        sets: list[ChangeSet] = []
        rows = 0
        while (item := self._handed.pop(start + len(sets) + 1, None)) is not None:
            sets.append(item)
            rows += len(item.changes)
            if rows >= self._max_rows:
                break
        if not sets:
            sets = await read_sets(connection, start, max_rows=self._max_rows)
        if sets:
            read = sets[-1].position
            self._handed = {at: item for at, item in self._handed.items() if at > read}
        return sets

    async def _apply(self, sets: Sequence[ChangeSet]) -> None:
        statements = self._writer.statements(sets)
        async with self._graph.transaction() as transaction:
            result = await transaction.run(
                ADVANCE,
                {
                    "from": sets[0].position - 1,
                    "to": sets[-1].position,
                    "log_id": self._log_id,
                },
            )
            if await result.single() is None:
                raise Fenced
            for statement in statements:
                await _run(transaction, statement)

    async def _announce(self, position: int) -> None:
        async with self._moved:
            self.position = position
            self._moved.notify_all()

    async def _stand(self, connection: asyncpg.Connection) -> int:
        """Where the graph stands; empties it first where it is not a projection of this log."""
        row = await connection.fetchrow("select position, log_id::text from change_head")
        assert row is not None
        self._log_id = row["log_id"]
        found = await self._graph.run(STAND)
        position, log_id = found[0] if found else (None, None)
        if position is None or log_id != self._log_id or position > row["position"]:
            log.info("projector.rebuilding", graph_position=position, log=row["position"])
            await put_back(self._graph, self._log_id)
            position = EMPTYING
        if position == EMPTYING:
            await self._announce(EMPTYING)
            while (await self._graph.run(EMPTY_SOME))[0][0]:
                pass
            await ensure_schema(self._graph, self._catalog)  # the store itself may be a new one
            async with self._graph.transaction() as transaction:
                result = await transaction.run(
                    ADVANCE, {"from": EMPTYING, "to": 0, "log_id": self._log_id}
                )
                if await result.single() is None:
                    raise Fenced
            position = 0
        assert isinstance(position, int)
        return position


async def put_back(graph: Graph, log_id: str) -> None:
    """Have the graph emptied and built anew by whoever projects."""
    await graph.run(START_EMPTYING, log_id=log_id)


async def _run(transaction: AsyncTransaction, statement: Statement) -> None:
    result = await transaction.run(statement.text, {"rows": statement.rows})
    replaced = [record[0] async for record in result]
    counters: Any = (await result.consume()).counters
    if (
        (replaced and replaced[0] != len(statement.rows))
        or counters.nodes_created != statement.nodes_created
        or counters.relationships_created != statement.relationships_created
    ):
        raise GraphDiverged(
            f"of {len(statement.rows)} rows, {counters.nodes_created} nodes and "
            f"{counters.relationships_created} relationships were made; expected "
            f"{statement.nodes_created} and {statement.relationships_created}: "
            "run 'hub graph rebuild'"
        )
