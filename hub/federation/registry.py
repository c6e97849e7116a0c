"""The registry: partners' subgraphs, and the supergraph that they and the hub's own make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import structlog

from hub.federation.breakage import DAYS
from hub.federation.check import check_removal, check_submission
from hub.federation.compose import compose
from hub.federation.errors import ComposerUnavailable, OwnConflict
from hub.federation.partner import Partner, partners_of
from hub.federation.registered import Registered
from hub.federation.report import Report
from hub.federation.subgraph import Subgraph, own_subgraphs
from hub.federation.submission import Submission
from hub.federation.supergraph import Supergraph, digest_of
from hub.settings import Settings
from resolvers.stores import federation, operations
from resolvers.stores.operations import SeenOperation
from resolvers.stores.postgres import Connection, Postgres

log = structlog.get_logger("hub.federation")


class Registry:
    """The registry in PostgreSQL. Every method raises StoreUnavailable while that is away."""

    def __init__(self, postgres: Postgres, settings: Settings) -> None:
        self._postgres = postgres
        self._settings = settings
        self._stuck: int | None = None
        """Version of the supergraph whose partners do not compose with this release."""

    @cached_property
    def _own(self) -> tuple[Subgraph, ...]:
        return own_subgraphs(self._settings)

    @cached_property
    def _digest(self) -> bytes:
        return digest_of(self._own)

    async def version(self) -> int | None:
        """Number of the newest supergraph, None before the first; one cheap statement."""
        return await federation.version(self._postgres)

    async def partners(self) -> list[Partner]:
        """The partners registered now, by name."""
        async with federation.reading(self._postgres) as connection:
            return partners_of(await federation.history(connection))

    async def newest(self) -> Supergraph | None:
        """The newest supergraph as it was stored, by whichever release."""
        async with federation.reading(self._postgres) as connection:
            row = await federation.newest(connection)
        return Supergraph.of(row) if row is not None else None

    async def current(self) -> Supergraph:
        """The newest supergraph; a new one where this release's own subgraphs are others.

        Where that cannot be composed, the last one stays and an error is logged; only where there
        is none yet, OwnConflict or ComposerUnavailable is raised.
        """
        async with federation.reading(self._postgres) as connection:
            row = await federation.newest(connection)
        if row is not None and (row["digest"] == self._digest or row["version"] == self._stuck):
            return Supergraph.of(row)
        async with federation.changing(self._postgres) as connection:
            row = await federation.newest(connection)
            if row is not None and row["digest"] == self._digest:
                return Supergraph.of(row)
            last = Supergraph.of(row) if row is not None else None
            partners = partners_of(await federation.history(connection))
            return await self._recomposed(connection, partners, last)

    async def _recomposed(
        self, connection: Connection, partners: Sequence[Partner], last: Supergraph | None
    ) -> Supergraph:
        try:
            made = await compose([*self._own, *(p.subgraph for p in partners)])
        except ComposerUnavailable as error:
            if last is None:
                raise
            log.error("the supergraph is not made anew", reason=error.message, kept=last.version)
            return last
        conflicts = [f"{error.code}: {error.message}" for error in made.errors]
        if conflicts and last is None:
            raise OwnConflict(f"The hub's own subgraphs do not compose: {conflicts[0]}")
        if conflicts and last is not None:
            self._stuck = last.version
            log.error(
                "partners do not compose with this release: have them updated or removed",
                conflicts=conflicts,
                kept=last.version,
            )
            return last
        names = tuple(partner.name for partner in partners)
        return await self._store(connection, Supergraph(0, made.supergraph, made.api, names))

    async def check(self, submission: Submission) -> Report:
        """Whether a partner's subgraph could be added or replaced; changes nothing."""
        report, _ = await check_submission(submission, await self._registered())
        return report

    async def add(
        self,
        submission: Submission,
        *,
        by: str,
        reason: str | None = None,
        accept_breaking: bool = False,
    ) -> Report:
        """Add a partner's subgraph, or replace the one of that name, if the check allows it.

        The report has the new supergraph's version where it was stored. Raises Conflict if
        another change takes too long, ComposerUnavailable, OwnConflict.
        """
        async with federation.changing(self._postgres) as connection:
            registered = await self._registered(connection)
            report, made = await check_submission(submission, registered)
            if report.unchanged or made is None or not report.passes(accept_breaking):
                return report
            known = registered.partner(submission.name)
            stored = await self._store(connection, made)
            await federation.add_partner_version(
                connection,
                submission.name,
                "REPLACED" if known else "ADDED",
                submission.url or (known.url if known else ""),
                submission.text,
                by,
                reason,
                stored.version,
            )
            return replace(report, version=stored.version)

    async def remove(
        self, name: str, *, by: str, reason: str | None = None, accept_breaking: bool = False
    ) -> Report:
        """Remove a partner's subgraph, if nothing that is used needs it; as `add` otherwise."""
        async with federation.changing(self._postgres) as connection:
            registered = await self._registered(connection)
            report, made = await check_removal(name, registered)
            partner = registered.partner(name)
            if made is None or partner is None or not report.passes(accept_breaking):
                return report
            stored = await self._store(connection, made)
            await federation.add_partner_version(
                connection, name, "REMOVED", partner.url, None, by, reason, stored.version
            )
            return replace(report, version=stored.version)

    async def _registered(self, connection: Connection | None = None) -> Registered:
        if connection is None:
            async with federation.reading(self._postgres) as own:
                return await self._registered(own)
        row = await federation.newest(connection)
        partners = partners_of(await federation.history(connection))
        fresh = row is not None and row["digest"] == self._digest
        api = row["api"] if row is not None else None
        audience = self._settings.audience
        return Registered(self._own, tuple(partners), api, fresh, self._seen, audience)

    async def _seen(self) -> list[SeenOperation]:
        since = datetime.now(UTC) - timedelta(days=DAYS)
        return await operations.seen_since(self._postgres, since)

    async def _store(self, connection: Connection, made: Supergraph) -> Supergraph:
        row = await federation.add_supergraph(
            connection, self._digest, made.partners, made.supergraph, made.api
        )
        return replace(made, version=row["version"])
