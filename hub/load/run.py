"""Loading a plan into the change log: read, write, count, and wait for the graph."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hub.district.profile import Profile
from hub.load.batch import Batch
from hub.load.codes import Checked
from hub.load.errors import Reject, RejectCode
from hub.load.mapping import Table
from hub.load.plan import Job, Plan
from hub.load.reject_file import RejectFile
from hub.load.summary import Summary, TableSummary
from hub.stores import Stores
from resolvers import grids
from resolvers.bulk import BulkResult, BulkWriter, Rejection
from resolvers.catalog import Catalog
from resolvers.errors import StoreUnavailable
from resolvers.placement import Placement
from resolvers.stores import change_log
from resolvers.stores.projector import STAND

APPLIED = """
MATCH (p:Projection {name: 'graph'}) SET p.waited = true WITH p RETURN p.position"""
"""The graph's position once the transaction that set it is applied whole: a plain read can see it
some hundred milliseconds before the indexes have what was committed with it. Waits for its lock."""

Advance = Callable[[Job, int, int], None]
"""Told of progress: the job, bytes of its file read so far, rows rejected in all so far."""

GRAPH_PATIENCE = 60.0
"""Seconds without any progress of the graph after which a load ends and says it is behind."""


class Loading:
    """One run of a plan. With `dry_run` everything is read and checked but nothing is written."""

    def __init__(
        self,
        plan: Plan,
        stores: Stores | None,
        catalog: Catalog,
        rejects: RejectFile,
        *,
        actor: str = "hub load",
        dry_run: bool = False,
        advance: Advance = lambda job, consumed, rejected: None,
    ) -> None:
        self._plan = plan
        self._stores = stores
        self._catalog = catalog
        self._rejects = rejects
        self._actor = actor
        self._advance = advance
        self._new_grids: list[tuple[str, Any]] = []
        self._placement: Placement | None = None
        self.summary = Summary(plan.name, dry_run, absent=plan.absent)

    async def run(self) -> Summary:
        """Load every job in turn. It may be interrupted anywhere and run again.

        Raises LoadError for a file that does not fit its mapping, StoreUnavailable if PostgreSQL
        stays away; what was written before stands.
        """
        started = time.monotonic()
        for job in self._plan.jobs:
            await self._job(job)
        self.summary.rejects = str(self._rejects.path) if self._rejects.count else None
        if self._stores is not None and not self.summary.dry_run:
            await self._wait_for_graph(self._stores)
        self.summary.seconds = time.monotonic() - started
        self.summary.peak_mb = peak_megabytes()
        return self.summary

    async def _job(self, job: Job) -> None:
        started = time.monotonic()
        counts = TableSummary(job.where, job.table.type)
        self.summary.tables.append(counts)
        placement = await self._grids_for(job)
        batches = job.open(self._plan.profile, placement)
        writer = self._writer(job.table)
        async for batch in _ahead(batches):
            result = await self._write(writer, batch)
            rejects = sorted([*batch.rejects, *_explained(job.table, result)])
            self._rejects.add(job.where, job.table.type, rejects)
            self.summary.reasons.update(reject.code.value for reject in rejects)
            self.summary.position = max(self.summary.position, result.position)
            counts.rows += batch.rows
            counts.created += result.created
            counts.updated += result.updated
            counts.unchanged += result.unchanged
            counts.rejected += len(rejects)
            self._advance(job, batch.consumed, self._rejects.count)
        counts.seconds = time.monotonic() - started

    def _writer(self, table: Table) -> BulkWriter | None:
        if self._stores is None or self.summary.dry_run:
            return None
        return BulkWriter(
            self._stores.postgres,
            self._catalog,
            actor=self._actor,
            source=table.source,
            reason=f"hub load {self._plan.name}",
            codes=Checked(),
            projector=self._stores.projector,
        )

    async def _write(self, writer: BulkWriter | None, batch: Batch) -> BulkResult:
        if writer is not None:
            return await writer.write(batch.records)
        if batch.type == "Grid":
            found = [(row.code, row.fields.get("boundary")) for row in batch.records]
            self._new_grids += [(code, shape) for code, shape in found if shape]
            self._placement = None
        return BulkResult()

    async def _grids_for(self, job: Job) -> Placement | None:
        """The index of the district's grids, for types that stand in one."""
        if not (job.table.entity.located and "location" in job.table.fields):
            return None
        if self._placement is None:
            known: Mapping[str, Any] = {}
            if self._stores is not None:
                rows = await self._stores.postgres.fetch(grids.CURRENT)
                known = {row["code"]: row["boundary"] for row in rows}
            pairs = {**known, **dict(self._new_grids)}
            self._placement = Placement(_owned(pairs, self._plan.profile))
        return self._placement

    async def _wait_for_graph(self, stores: Stores) -> None:
        """Wait until the graph has all that is logged, whichever process projects it.

        That takes in what an earlier, interrupted run has logged.
        """
        wanted = await change_log.head(stores.postgres)
        last, since = -2, time.monotonic()
        while True:
            try:
                found = await stores.graph.run(STAND)
            except StoreUnavailable:
                found = []
            here = found[0][0] if found else -1
            if here >= wanted:
                await stores.graph.run(APPLIED)
                await stores.graph.run("CALL db.resampleOutdatedIndexes()")  # for the planner
                return
            if here != last:
                last, since = here, time.monotonic()
            elif time.monotonic() - since > GRAPH_PATIENCE:
                self.summary.graph = "BEHIND"
                return
            await asyncio.sleep(0.1)


def _owned(pairs: Mapping[str, Any], profile: Profile | None) -> Iterator[tuple[str, Any]]:
    for code, shape in pairs.items():
        if profile is None or profile.owns("Grid", code):
            yield code, shape


def _explained(table: Table, result: BulkResult) -> list[Reject]:
    return [_reject(table, rejection) for rejection in result.rejections]


def _reject(table: Table, rejection: Rejection) -> Reject:
    """A rejection by the change log in the words of the file."""
    name = rejection.field or ""
    rule = {**table.fields, **table.edges}.get(name)
    column = (rule.column if rule is not None else None) or name
    value = "" if rejection.value is None else str(rejection.value)[:200]
    known = {
        "UNKNOWN_REFERENCE": RejectCode.UNKNOWN_REFERENCE,
        "ALREADY_EXISTS": RejectCode.DUPLICATE_KEY,
        "CODE_INVALID": RejectCode.CODE_INVALID,
        "POLYGON_INVALID": RejectCode.POLYGON_INVALID,
        "COORDINATES_INVALID": RejectCode.COORDINATES_INVALID,
        "BAD_USER_INPUT": RejectCode.BAD_VALUE,
    }
    code = known.get(rejection.code, RejectCode.REFUSED)
    return Reject(int(rejection.ref), column, value, code, rejection.reason)


async def _ahead(batches: Iterator[Batch]) -> AsyncIterator[Batch]:
    """The batches, each read by a thread while the one before it is written."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="read") as pool:
        coming = loop.run_in_executor(pool, next, batches, None)
        while (batch := await coming) is not None:
            coming = loop.run_in_executor(pool, next, batches, None)
            yield batch


def default_rejects(data: Path, plan: Plan) -> Path:
    """Where rejects go if nobody says."""
    return data / "rejects" / f"{plan.name}.csv"


def peak_megabytes() -> float:
    """The most memory this process has held. What getrusage tells counts its parent's too, as it
    was when this process began."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text("ascii", "replace"), re.M)
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
