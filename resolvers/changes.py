"""The commands behind mutations: create, update and retire one record.

A change is committed to the log first; the caller is answered when the graph has it, or, if that
takes too long, that it is on record (`LOGGED`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from resolvers.catalog import Catalog, Entity
from resolvers.codes import Codes, check_parent
from resolvers.conflict import conflict
from resolvers.document import CREATED, RETIRED, UPDATED, Change, ChangeSet, encode, targets
from resolvers.errors import (
    AlreadyExists,
    BadInput,
    CoordinatesInvalid,
    InUse,
    MutationIdReused,
    NotFound,
    Retired,
    StoreUnavailable,
    UnknownReference,
)
from resolvers.grids import Grids
from resolvers.in_use import Users, users_in_graph, users_in_log
from resolvers.placement import GRID_GIVEN, NEAREST_GRID
from resolvers.rights import Caller
from resolvers.shapes import check_point
from resolvers.stores import change_log
from resolvers.stores.change_log import SetInfo
from resolvers.stores.neo4j import Graph
from resolvers.stores.postgres import Connection, Postgres
from resolvers.stores.projection import Projection
from resolvers.stores.projector import Projector
from resolvers.validation import rules_of, shown, without_nulls

SOURCE = "api"
"""Source of change sets that callers make, and of records that they create."""
MAX_REASON = 2000
MAX_MUTATION_ID = 200
ATTEMPTS = 5
PATIENCE = 0.5
"""Seconds that a transaction may wait for the graph, where the log could answer too."""
NEARLY = 100
"""Change sets that a projector brings into the graph in less than that."""

ANSWERED = """
select position, request_hash, answer from change_sets
where actor = $1 and client_mutation_id = $2"""

VERSION_AT = """
select from_position from entity_versions where type = $1 and code = $2 and version = $3"""

RETRIED: tuple[type[BaseException], ...] = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


@dataclass(frozen=True)
class Changed:
    """What a mutation answers: the record, its version, the log position, APPLIED or LOGGED."""

    type: str
    code: str
    version: int
    position: int
    status: str


@dataclass(frozen=True)
class Request:
    """One mutation as it was asked for."""

    verb: str
    entity: Entity
    code: str
    values: Mapping[str, Any]
    edges: Mapping[str, Any]
    expected_version: int | None
    reason: str | None
    client_mutation_id: str | None
    caller: Caller

    @property
    def actor(self) -> str:
        return self.caller.subject or "anonymous"

    def hash(self) -> bytes:
        """128 bits of what was asked for, to tell a retry from another use of the same id."""
        asked = [self.verb, self.entity.name, self.code, self.expected_version, self.reason]
        text = orjson.dumps([*asked, self.values, self.edges], option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=16).digest()


class Changes:
    """Changes single records on behalf of callers.

    All methods raise the errors of `resolvers.errors`: InputError for a value (details name
    `field`), WriteError for the state of the record or its references, StoreUnavailable without
    PostgreSQL. Without Neo4j a change still succeeds, as LOGGED.
    """

    def __init__(
        self,
        postgres: Postgres,
        graph: Graph,
        catalog: Catalog,
        *,
        codes: Codes | None = None,
        projector: Projector | None = None,
        wait_seconds: float = 5.0,
    ) -> None:
        self._postgres = postgres
        self._graph = graph
        self._catalog = catalog
        self._codes = codes or Codes()
        self._projector = projector
        self._projection = Projection(postgres, graph, projector)
        self._wait = wait_seconds
        self._rules = rules_of(catalog)
        self._grids = Grids(postgres)

    async def create(
        self,
        entity: Entity,
        code: str,
        values: Mapping[str, Any],
        edges: Mapping[str, Any],
        *,
        caller: Caller,
        reason: str | None = None,
        client_mutation_id: str | None = None,
    ) -> Changed:
        """Make a record. `values` and `edges` by snake_case names; None counts as absent."""
        request = Request(
            "create", entity, code, values, edges, None, reason, client_mutation_id, caller
        )
        return await self._perform(request, self._create)

    async def update(
        self,
        entity: Entity,
        code: str,
        values: Mapping[str, Any],
        edges: Mapping[str, Any],
        *,
        expected_version: int,
        caller: Caller,
        reason: str | None = None,
        client_mutation_id: str | None = None,
    ) -> Changed:
        """Change what is given; None clears. An update that changes nothing makes no version."""
        request = Request(
            "update",
            entity,
            code,
            values,
            edges,
            expected_version,
            reason,
            client_mutation_id,
            caller,
        )
        return await self._perform(request, self._update)

    async def retire(
        self,
        entity: Entity,
        code: str,
        *,
        expected_version: int,
        caller: Caller,
        reason: str | None = None,
        client_mutation_id: str | None = None,
    ) -> Changed:
        """Retire a record. Raises InUse while live records refer to it."""
        request = Request(
            "retire", entity, code, {}, {}, expected_version, reason, client_mutation_id, caller
        )
        return await self._perform(request, self._retire)

    async def _perform(
        self,
        request: Request,
        decide: Callable[[Connection, Request], Awaitable[Change | Changed]],
    ) -> Changed:
        check_texts(request)
        if request.entity.located and ("location" in request.values or "grid" in request.edges):
            await self._grids.placement()  # now: a transaction holds one connection, not two
        for attempt in range(ATTEMPTS):
            try:
                async with self._postgres.acquire() as connection, connection.transaction():
                    done, committed = await self._transact(connection, request, decide)
                break
            except RETRIED:
                if attempt == ATTEMPTS - 1:
                    raise
        if committed is not None and self._projector is not None:
            self._projector.hand_over(committed)
        applied = await self._projection.wait_for(done.position, self._wait)
        status = "APPLIED" if applied else "LOGGED"
        return Changed(done.type, done.code, done.version, done.position, status)

    async def _transact(
        self,
        connection: Connection,
        request: Request,
        decide: Callable[[Connection, Request], Awaitable[Change | Changed]],
    ) -> tuple[Changed, ChangeSet | None]:
        known = await self._answered(connection, request)
        if known is not None:
            return known, None
        decided = await decide(connection, request)
        unchanged = isinstance(decided, Changed)
        if unchanged and request.client_mutation_id is None:
            assert isinstance(decided, Changed)
            return decided, None
        changes = [decided] if isinstance(decided, Change) else []
        answer = {"type": decided.type, "code": decided.code, "version": decided.version}
        with_id = request.client_mutation_id is not None
        info = SetInfo(
            actor=request.actor,
            source=SOURCE,
            reason=request.reason,
            client_mutation_id=request.client_mutation_id,
            request_hash=request.hash() if with_id else None,
            answer=answer if with_id else None,
        )
        encoded = [encode(change.fields, change.edges) for change in changes]
        position, recorded_at = await change_log.append(connection, info, changes, encoded)
        done = Changed(decided.type, decided.code, decided.version, position, "LOGGED")
        return done, ChangeSet(position, recorded_at, changes)

    async def _answered(self, connection: Connection, request: Request) -> Changed | None:
        """The answer given before to the same mutation id."""
        if request.client_mutation_id is None:
            return None
        row = await connection.fetchrow(ANSWERED, request.actor, request.client_mutation_id)
        if row is None:
            return None
        if row["request_hash"] != request.hash():
            raise MutationIdReused(
                f"clientMutationId {request.client_mutation_id!r} was sent before with other "
                "input: use a new one for a new change",
                clientMutationId=request.client_mutation_id,
                position=str(row["position"]),
            )
        return Changed(**row["answer"], position=row["position"], status="LOGGED")

    async def _create(self, connection: Connection, request: Request) -> Change:
        entity, code = request.entity, request.code
        flags = self._codes.check(entity, code)
        rules = self._rules[entity.name]
        fields, edges = rules.clean(request.values, request.edges)
        fields, edges = without_nulls(fields), without_nulls(edges)
        rules.complete(fields, edges)
        check_parent(entity, code, edges)
        held = await change_log.lock(connection, change_log.CURRENT, [(entity.name, code)])
        if held:
            retired = " (it is retired)" if held[entity.name, code].retired else ""
            raise AlreadyExists(f"{entity.name} {code} exists{retired}", field="code", value=code)
        flags += self._place(entity, fields, edges, placing="location" in fields)
        fields |= {"source": SOURCE, "flags": sorted(set(flags))}
        await self._check_targets(connection, entity, edges)
        return Change(entity.name, code, 1, CREATED, fields, edges)

    async def _update(self, connection: Connection, request: Request) -> Change | Changed:
        entity, code = request.entity, request.code
        rules = self._rules[entity.name]
        fields, edges = rules.clean(request.values, request.edges)
        held = await self._hold(connection, request, change_log.LOCK_CHANGED, {**fields, **edges})
        key = (entity.name, code)
        old_fields, old_edges = (await change_log.documents(connection, {key: held}))[key]
        new_fields = without_nulls({**old_fields, **fields})
        new_edges = without_nulls({**old_edges, **edges})
        rules.complete(new_fields, new_edges)
        if new_edges != old_edges:
            check_parent(entity, code, new_edges)
        if entity.located and ("location" in fields or "grid" in edges):
            if "grid" not in edges:
                new_edges.pop("grid", None)
            placing = "location" in new_fields and ("grid" not in edges or "grid" in new_edges)
            kept = set(old_fields.get("flags", ())) - {NEAREST_GRID, GRID_GIVEN}
            kept |= set(self._place(entity, new_fields, new_edges, placing=placing))
            new_fields["flags"] = sorted(kept)
        if (new_fields, new_edges) == (old_fields, old_edges):
            position = await connection.fetchval(VERSION_AT, *key, held)
            return Changed(*key, held, position, "LOGGED")
        await self._check_targets(connection, entity, new_edges)
        return Change(*key, held + 1, UPDATED, new_fields, new_edges)

    async def _retire(self, connection: Connection, request: Request) -> Change:
        entity, code = request.entity, request.code
        version = await self._hold(connection, request, change_log.LOCK_RETIRED, {})
        users = await self._users(connection, entity, code)
        if users:
            told = ", ".join(f"{u.count} {self._catalog[u.type].plural}" for u in users)
            raise InUse(
                f"{entity.name} {code} cannot be retired: {told} refer to it",
                recordCode=code,
                users=[u.as_dict() for u in users],
            )
        key = (entity.name, code)
        fields, edges = (await change_log.documents(connection, {key: version}))[key]
        return Change(*key, version + 1, RETIRED, fields, edges)

    async def _hold(
        self, connection: Connection, request: Request, lock: str, yours: Mapping[str, Any]
    ) -> int:
        """Lock the record's row; gives its version, which is the expected one."""
        entity, code = request.entity, request.code
        rows = await change_log.lock(connection, lock, [(entity.name, code)])
        if not rows:
            raise NotFound(f"there is no {entity.name} {shown(code)}", field="code", value=code)
        held = rows[entity.name, code]
        if held.retired:
            raise Retired(f"{entity.name} {code} is retired", recordCode=code)
        expected = request.expected_version
        assert expected is not None
        if held.version != expected:
            raise await conflict(connection, entity, code, held, expected, yours)
        return held.version

    async def _users(self, connection: Connection, entity: Entity, code: str) -> list[Users]:
        """Live records that refer to one whose row is locked, so that none can be added."""
        position = await connection.fetchval("select position from change_head")
        if await self._graph_has(position):
            with contextlib.suppress(StoreUnavailable):
                return await users_in_graph(self._graph, entity, code)
        return await users_in_log(connection, self._catalog, entity, code)

    async def _graph_has(self, position: int) -> bool:
        """Whether the graph has reached a position, or does so in a moment.

        A transaction is open: nobody is waited for who is known to be down or behind.
        """
        projector = self._projector
        if projector is not None and projector.reached(position):
            return projector.trouble is None
        if projector is not None and projector.trouble is not None:
            return False
        seconds = min(self._wait, PATIENCE)
        if projector is not None and projector.leading:
            behind = position - (projector.position or 0)
            return behind <= NEARLY and await self._projection.wait_for(position, seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._projection.position() >= position
        except (StoreUnavailable, TimeoutError):
            return False

    def _place(
        self, entity: Entity, fields: dict[str, Any], edges: dict[str, Any], *, placing: bool
    ) -> tuple[str, ...]:
        """Put the grid of a location among the edges; gives flags. Raises CoordinatesInvalid.

        A grid that was given stays, flagged GRID_GIVEN where the location is in another.
        """
        if not entity.located or not placing:
            return ()
        placement = self._grids.latest
        if not len(placement):
            return ()
        if (grid := edges.get("grid")) is not None:
            there = placement.place(*fields["location"])
            return (GRID_GIVEN,) if there is not None and there.grid_code != grid else ()
        x, y = fields["location"]
        name = f"{entity.name}.location"
        try:
            check_point(x, y, placement.bounds)
        except CoordinatesInvalid as error:
            raise CoordinatesInvalid(f"{name}: {error.message}", field="location") from None
        placed = placement.place(x, y)
        if placed is None:
            raise CoordinatesInvalid(
                f"{name} [{x}, {y}] lies outside every grid of the district", field="location"
            )
        edges["grid"] = placed.grid_code
        return placed.flags

    async def _check_targets(
        self, connection: Connection, entity: Entity, edges: Mapping[str, Any]
    ) -> None:
        """Lock what a record refers to; raises UnknownReference or Retired, naming the edge."""
        wanted = targets(entity, edges)
        keys = {(target, code) for _, target, code in wanted}
        held = await change_log.lock(connection, change_log.LOCK_TARGETS, keys)
        names = {edge.prop: edge.name for edge in entity.edges}
        for prop, target, code in wanted:
            there = held.get((target, code))
            where = f"{entity.name}.{names[prop]}"
            if there is None:
                raise UnknownReference(
                    f"{where}: there is no {target} {shown(code)}", field=names[prop], value=code
                )
            if there.retired:
                raise Retired(f"{where}: {target} {code} is retired", field=names[prop], value=code)


def check_texts(request: Request) -> None:
    """Refuse (BadInput) texts that the log cannot keep."""
    bounded = (
        ("code", request.code, MAX_MUTATION_ID),
        ("reason", request.reason, MAX_REASON),
        ("clientMutationId", request.client_mutation_id, MAX_MUTATION_ID),
    )
    for name, text, limit in bounded:
        if text is None:
            continue
        if len(text) > limit:
            raise BadInput(f"{name} may have at most {limit} characters", field=name)
        if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise BadInput(f"{name} holds a character that is no text", field=name)
    if request.verb == "retire" and request.reason is not None and not request.reason.strip():
        raise BadInput("reason must say why the record is retired", field="reason")
    if request.client_mutation_id == "":
        raise BadInput("clientMutationId must not be empty", field="clientMutationId")
