"""Writing many records at once: what a load uses.

Every batch is one change set, checked as a whole by a few statements. A bad row is rejected with
its reason and does not hold up the others. Rows that hold nothing new make no version, so a load
may be repeated, or be interrupted at any point and begun again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import numpy as np
import structlog

from resolvers.catalog import Catalog, Entity
from resolvers.codes import Codes, check_parent
from resolvers.document import CREATED, UPDATED, Change, ChangeSet, Encoded, encode, targets
from resolvers.errors import CoordinatesInvalid, HubError, StoreUnavailable
from resolvers.grids import Grids
from resolvers.placement import NEAREST_GRID, Placement
from resolvers.stores import change_log
from resolvers.stores.change_log import Held, SetInfo
from resolvers.stores.postgres import Connection, Postgres
from resolvers.stores.projector import Projector
from resolvers.validation import rules_of, without_nulls

MAX_BATCH = 5000
MAX_LAG = 4
"""Batches that the graph may be behind while this process projects them."""

Key = tuple[str, str]

log = structlog.get_logger()


@dataclass(slots=True)
class BulkRow:
    """One record to write.

    `fields` and `edges` as in `resolvers.document`; of a record that is there already, what is
    absent stays and None clears. `ref` is the caller's: it comes back in a rejection.
    """

    entity: Entity
    code: str
    fields: Mapping[str, Any]
    edges: Mapping[str, Any]
    ref: Any = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not written: which, the error's code, the field and value, and why."""

    ref: Any
    code: str
    field: str | None
    value: Any
    reason: str


@dataclass(slots=True)
class BulkResult:
    """What became of rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    position: int = 0
    """The last change set's; 0 where nothing changed."""

    def add(self, other: BulkResult) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejections += other.rejections
        self.position = max(self.position, other.position)


@dataclass(slots=True)
class _Row:
    """A row that passed the checks which need no store."""

    key: Key
    given: BulkRow
    fields: dict[str, Any]
    edges: dict[str, Any]
    encoded: Encoded
    placed: bool
    change: Change | None = None


class _Moved(Exception):
    """A record was changed by somebody else between reading and locking it."""


RETRIED: tuple[type[BaseException], ...] = (
    _Moved,
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


class BulkWriter:
    """Writes batches of rows to the change log.

    With a `projector` that works in this process, committed batches are handed to it, and the
    writer waits when the graph falls more than a few batches behind. While PostgreSQL is away a
    batch is tried again for `patience` seconds.
    """

    def __init__(
        self,
        postgres: Postgres,
        catalog: Catalog,
        *,
        actor: str,
        source: str,
        reason: str | None = None,
        codes: Codes | None = None,
        projector: Projector | None = None,
        patience: float = 60.0,
    ) -> None:
        self._postgres = postgres
        self._catalog = catalog
        self._rules = rules_of(catalog)
        self._info = SetInfo(actor=actor, source=source, reason=reason)
        self._source = source
        self._codes = codes or Codes()
        self._projector = projector
        self._patience = patience
        self._grids = Grids(postgres)
        self._placement: Placement | None = None
        self._sets: list[int] = []
        self.total = BulkResult()

    async def write(self, rows: Sequence[BulkRow]) -> BulkResult:
        """Write rows, at most 5,000 to a change set; gives what became of them.

        Raises StoreUnavailable if PostgreSQL stays away; what was written before stands, and
        writing the same rows again is safe.
        """
        result = BulkResult()
        for batch in _cut(rows):
            result.add(await self._batch(batch))
        self.total.add(result)
        return result

    async def _batch(self, rows: Sequence[BulkRow]) -> BulkResult:
        placed = await self._place(rows)
        rejections: list[Rejection] = []
        checked: dict[Key, _Row] = {}
        for row, place in zip(rows, placed, strict=True):
            try:
                item = self._check(row, place)
            except HubError as error:
                rejections.append(_rejection(row, error))
                continue
            if item.key in checked:
                rejections.append(
                    Rejection(
                        row.ref,
                        "ALREADY_EXISTS",
                        "code",
                        row.code,
                        f"{row.entity.name} {row.code} stands in this batch twice",
                    )
                )
                continue
            checked[item.key] = item
        result, committed = await self._store(list(checked.values()))
        result.rejections = rejections + result.rejections
        if committed is not None:
            if any(change.type == "Grid" for change in committed.changes):
                self._placement = None
            await self._hand_over(committed)
        return result

    async def _place(self, rows: Sequence[BulkRow]) -> list[tuple[str, tuple[str, ...]] | None]:
        """Grid code and flags of each row that its location places; "" outside all grids."""
        found: list[tuple[str, tuple[str, ...]] | None] = [None] * len(rows)
        at = [
            i
            for i, row in enumerate(rows)
            if row.entity.located
            and row.fields.get("location") is not None
            and row.edges.get("grid") is None
        ]
        if not at:
            return found
        if self._placement is None:
            self._placement = await self._grids.placement()
        if not len(self._placement):
            return found
        points = np.full((len(at), 2), np.nan)
        for n, i in enumerate(at):
            location = rows[i].fields["location"]
            if isinstance(location, list | tuple) and len(location) == 2:
                try:
                    points[n] = location
                except (TypeError, ValueError):
                    continue  # the field's own check says what is wrong with it
        many = self._placement.place_many(points)
        for n, i in enumerate(at):
            place = many[n]
            found[i] = ("", ()) if place is None else (place.grid_code, place.flags)
        return found

    def _check(self, row: BulkRow, place: tuple[str, tuple[str, ...]] | None) -> _Row:
        entity = row.entity
        flags = self._codes.check(entity, row.code)
        fields, edges = self._rules[entity.name].clean(row.fields, row.edges)
        check_parent(entity, row.code, edges)
        if place is not None:
            if not place[0]:
                raise _outside(entity, row.fields["location"])
            edges["grid"] = place[0]
            flags += place[1]
        fields["source"] = self._source
        fields["flags"] = sorted({*flags, *row.flags})
        encoded = encode(without_nulls(fields), without_nulls(edges))
        return _Row((entity.name, row.code), row, fields, edges, encoded, place is not None)

    async def _store(self, rows: list[_Row]) -> tuple[BulkResult, ChangeSet | None]:
        """Store checked rows, again from the start where another writer came in between."""
        attempts = 0
        patience_ends = time.monotonic() + self._patience
        while True:
            try:
                async with self._postgres.acquire() as connection, connection.transaction():
                    await connection.execute(change_log.BY_INDEX)
                    return await self._transact(connection, rows)
            except RETRIED:
                attempts += 1
                if attempts == 10:
                    raise
            except StoreUnavailable:
                if time.monotonic() > patience_ends:
                    raise
                log.info("bulk.waiting", store="postgres")
                await asyncio.sleep(0.5)

    async def _transact(
        self, connection: Connection, rows: list[_Row]
    ) -> tuple[BulkResult, ChangeSet | None]:
        result = BulkResult()
        held = await change_log.lock(connection, change_log.CURRENT, (row.key for row in rows))
        written = await self._changed(connection, rows, held, result)
        written = await self._with_targets(connection, written, held, result)
        if not written:
            return result, None
        changes = [row.change for row in written if row.change is not None]
        position, recorded_at = await change_log.append(
            connection, self._info, changes, [row.encoded for row in written]
        )
        result.created = sum(change.version == 1 for change in changes)
        result.updated = len(changes) - result.created
        result.position = position
        return result, ChangeSet(position, recorded_at, changes)

    async def _changed(
        self,
        connection: Connection,
        rows: list[_Row],
        held: Mapping[Key, Held],
        result: BulkResult,
    ) -> list[_Row]:
        """The rows that make a new version, each with its change; the others are counted."""
        written: list[_Row] = []
        differing: dict[Key, _Row] = {}
        for row in rows:
            there = held.get(row.key)
            if there is None:
                fields, edges = without_nulls(row.fields), without_nulls(row.edges)
                try:
                    self._rules[row.key[0]].complete(fields, edges)
                except HubError as error:
                    result.rejections.append(_rejection(row.given, error))
                    continue
                row.change = Change(*row.key, 1, CREATED, fields, edges)
                written.append(row)
            elif there.retired:
                result.rejections.append(
                    Rejection(
                        row.given.ref,
                        "RETIRED",
                        "code",
                        row.key[1],
                        f"{row.key[0]} {row.key[1]} is retired",
                    )
                )
            elif there.digest == row.encoded.digest:
                result.unchanged += 1
            else:
                differing[row.key] = row
        old = await change_log.documents(connection, {k: held[k].version for k in differing})
        for key, row in differing.items():
            fields, edges = _merged(row, *old[key])
            same = {**fields, "source": old[key][0].get("source")} == old[key][0]
            if same and edges == old[key][1]:
                result.unchanged += 1
                continue
            try:
                self._rules[key[0]].complete(fields, edges)
            except HubError as error:
                result.rejections.append(_rejection(row.given, error))
                continue
            row.change = Change(*key, held[key].version + 1, UPDATED, fields, edges)
            row.encoded = encode(fields, edges)
            written.append(row)
        return written

    async def _with_targets(
        self,
        connection: Connection,
        rows: list[_Row],
        held: Mapping[Key, Held],
        result: BulkResult,
    ) -> list[_Row]:
        """The rows all of whose references lead to live records, which stay locked."""
        changed = [row.key for row in rows if row.key in held]
        for key, now in (
            await change_log.lock(connection, change_log.LOCK_CHANGED, changed)
        ).items():
            if now != held[key]:
                raise _Moved
        new = {row.key for row in rows if row.key not in held}
        wanted = {
            id(row): targets(row.given.entity, row.change.edges)
            for row in rows
            if row.change is not None
        }
        elsewhere = {(target, code) for found in wanted.values() for _, target, code in found} - new
        there = await change_log.lock(connection, change_log.LOCK_TARGETS, elsewhere)
        while True:
            kept = []
            for row in rows:
                wrong = next(
                    (
                        each
                        for each in wanted[id(row)]
                        if each[1:] not in new
                        and (each[1:] not in there or there[each[1:]].retired)
                    ),
                    None,
                )
                if wrong is None:
                    kept.append(row)
                    continue
                new.discard(row.key)
                result.rejections.append(_bad_target(row, wrong, there))
            if len(kept) == len(rows):
                return kept
            rows = kept

    async def _hand_over(self, committed: ChangeSet) -> None:
        projector = self._projector
        if projector is None:
            return
        projector.hand_over(committed)
        self._sets.append(committed.position)
        if len(self._sets) > MAX_LAG:
            await projector.keep_pace(self._sets.pop(0))


def _cut(rows: Sequence[BulkRow]) -> Iterator[Sequence[BulkRow]]:
    """Batches of rows, in order; grids come in an earlier one than what is placed on them."""
    start = 0
    grids = False
    for i, row in enumerate(rows):
        if i - start == MAX_BATCH or (grids and row.entity.located):
            yield rows[start:i]
            start, grids = i, False
        grids = grids or row.entity.name == "Grid"
    if start < len(rows):
        yield rows[start:]


def _merged(
    row: _Row, old_fields: Mapping[str, Any], old_edges: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The old document with what the row gives laid over it."""
    fields = without_nulls({**old_fields, **row.fields})
    edges = without_nulls({**old_edges, **row.edges})
    if not row.placed and "location" not in row.fields and "grid" not in row.edges:
        kept = NEAREST_GRID in old_fields.get("flags", ())
        fields["flags"] = sorted({*fields["flags"], *((NEAREST_GRID,) if kept else ())})
    if "location" in row.fields and row.fields["location"] is None and "grid" not in row.edges:
        edges.pop("grid", None)
    return fields, edges


def _rejection(row: BulkRow, error: HubError) -> Rejection:
    details = error.details
    return Rejection(row.ref, error.code, details.get("field"), details.get("value"), error.message)


def _outside(entity: Entity, location: Any) -> HubError:
    return CoordinatesInvalid(
        f"{entity.name}.location {list(location)} lies outside every grid of the district",
        field="location",
        value=list(location),
    )


def _bad_target(row: _Row, wrong: tuple[str, str, str], there: Mapping[Key, Held]) -> Rejection:
    prop, target, code = wrong
    edge = next(e for e in row.given.entity.edges if e.prop == prop)
    retired = (target, code) in there
    reason = f"{row.key[0]}.{edge.name}: {target} {code} " + (
        "is retired" if retired else "is not known"
    )
    return Rejection(
        row.given.ref, "RETIRED" if retired else "UNKNOWN_REFERENCE", edge.name, code, reason
    )
