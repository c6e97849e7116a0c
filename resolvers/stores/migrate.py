"""Numbered SQL migrations of PostgreSQL, applied once each, in order, by the owner role."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from urllib.parse import unquote, urlsplit

import asyncpg

from resolvers.stores.outage import postgres_outage

LOCK = 0x43485542
"""Advisory lock (`CHUB`) that keeps two migrations from running at once."""

PREPARING = 0x43485550
"""Advisory lock (`CHUP`) of the one process that prepares both stores."""

LEDGER = """
create table if not exists migrations (
    number integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


class MigrationError(Exception):
    """The store holds a migration that this release does not know, or that was altered since."""


@dataclass(frozen=True)
class Migration:
    """One file `NNNN_name.sql`. `{service}` and `{auditor}` in it stand for the roles."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def known_migrations() -> list[Migration]:
    """The migrations that this release ships, in order."""
    found = []
    for entry in resources.files("resolvers.stores").joinpath("migrations/postgres").iterdir():
        if match := re.fullmatch(r"(\d{4})_(\w+)\.sql", entry.name):
            found.append(Migration(int(match[1]), match[2], entry.read_text("utf-8")))
    return sorted(found, key=lambda migration: migration.number)


def role_of(dsn: str) -> str:
    """The user name in a PostgreSQL address."""
    user = urlsplit(dsn).username
    if not user:
        raise MigrationError("the PostgreSQL address names no user")
    return unquote(user)


async def migrate(
    owner_dsn: str, *, service_role: str, auditor_role: str, upto: int | None = None
) -> list[str]:
    """Bring the store to this release; gives the names applied now, none if it was up to date.

    Safe to call from several processes at once. Each migration is one transaction. `upto` stops
    after that number, for a store that is to be filled from an older backup.

    Raises MigrationError if the store was made by a newer release or a migration was altered,
    and StoreUnavailable if PostgreSQL cannot be reached.
    """
    with postgres_outage():
        connection = await asyncpg.connect(owner_dsn)
        try:
            await connection.execute("select pg_advisory_lock($1)", LOCK)
            return await _apply(connection, service_role, auditor_role, upto)
        finally:
            await connection.close()


@asynccontextmanager
async def preparing_alone(owner_dsn: str) -> AsyncIterator[None]:
    """Wait until no other process prepares the stores, and keep others waiting meanwhile."""
    with postgres_outage():
        connection = await asyncpg.connect(owner_dsn)
    try:
        with postgres_outage():
            await connection.execute("select pg_advisory_lock($1)", PREPARING)
        yield
    finally:
        connection.terminate()  # the lock goes with it, also where it is still waited for


async def _apply(
    connection: asyncpg.Connection, service_role: str, auditor_role: str, upto: int | None
) -> list[str]:
    await connection.execute("set client_min_messages = warning")
    await connection.execute(LEDGER)
    rows = await connection.fetch("select number, name, checksum from migrations order by number")
    applied = {row["number"]: row for row in rows}
    known = known_migrations()
    unknown = applied.keys() - {migration.number for migration in known}
    if unknown:
        raise MigrationError(
            f"the store was made by a newer release: it holds migrations {sorted(unknown)}"
        )
    names = []
    for migration in known:
        if upto is not None and migration.number > upto:
            break
        name = f"{migration.number:04}_{migration.name}"
        if migration.number in applied:
            if applied[migration.number]["checksum"] != migration.checksum:
                raise MigrationError(f"migration {name} was altered after it was applied")
            continue
        text = migration.text.replace("{service}", _quoted(service_role))
        text = text.replace("{auditor}", _quoted(auditor_role))
        async with connection.transaction():
            await connection.execute(text)
            await connection.execute(
                "insert into migrations (number, name, checksum) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.checksum,
            )
        names.append(name)
    return names


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
