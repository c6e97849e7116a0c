"""Every table of the PostgreSQL store, copied out of one snapshot and copied in again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg

from resolvers.stores.outage import postgres_outage
from resolvers.stores.postgres import speak_json

TABLES = """
select c.oid, c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and a.attgenerated = '') as columns
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relispartition and c.relname <> 'migrations'
order by c.relname"""

REFERENCES = """
select conrelid as source, confrelid as target from pg_constraint
where contype = 'f' and conrelid <> confrelid"""

PARTITIONS = """
select format('create table if not exists %I partition of %I %s', c.relname, p.relname,
              pg_get_expr(c.relpartbound, c.oid)) as statement
from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
where c.relispartition and c.relkind in ('r', 'p')
  and c.relnamespace = 'public'::regnamespace
order by c.relname"""

SEQUENCES = """
select sequencename as name, last_value from pg_sequences
where schemaname = 'public' and last_value is not null"""

Sink = Callable[[bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Table:
    """A table with its columns in order."""

    name: str
    columns: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def connect(owner_dsn: str) -> asyncpg.Connection:
    """A connection as the owner. Raises StoreUnavailable."""
    with postgres_outage():
        connection: asyncpg.Connection = await asyncpg.connect(owner_dsn)
        await speak_json(connection)
        return connection


async def list_tables(connection: asyncpg.Connection) -> list[Table]:
    """All tables but the migrations' own, those that others refer to first."""
    rows = {row["oid"]: row for row in await connection.fetch(TABLES)}
    needs: dict[int, set[int]] = {oid: set() for oid in rows}
    for row in await connection.fetch(REFERENCES):
        if row["source"] in rows and row["target"] in rows:
            needs[row["source"]].add(row["target"])
    ordered: list[Table] = []
    placed: set[int] = set()
    while len(placed) < len(rows):
        ready = [oid for oid in rows if oid not in placed and needs[oid] <= placed]
        for oid in ready or [oid for oid in rows if oid not in placed]:
            placed.add(oid)
            ordered.append(Table(rows[oid]["name"], tuple(rows[oid]["columns"])))
    return ordered


async def partitions(connection: asyncpg.Connection) -> list[str]:
    """Statements that make the tables' partitions as they are, where they are not there."""
    return [row["statement"] for row in await connection.fetch(PARTITIONS)]


async def sequences(connection: asyncpg.Connection) -> dict[str, int]:
    """The last value of every sequence that was used."""
    return {row["name"]: row["last_value"] for row in await connection.fetch(SEQUENCES)}


async def applied_migrations(connection: asyncpg.Connection) -> dict[int, str]:
    """The checksum of every migration the store has been through, by number."""
    rows = await connection.fetch("select number, checksum from migrations")
    return {row["number"]: row["checksum"] for row in rows}


async def is_newer(connection: asyncpg.Connection, latest: int) -> bool:
    """Whether the store has been through a migration after `latest`."""
    if await connection.fetchval("select to_regclass('public.migrations') is null"):
        return False
    return max(await applied_migrations(connection), default=0) > latest


async def copy_out(connection: asyncpg.Connection, table: Table, sink: Sink) -> int:
    """Give a table's rows in PostgreSQL's text format; how many they are."""
    columns = ", ".join(_quoted(c) for c in table.columns)
    query = f"select {columns} from {_quoted(table.name)}"  # noqa: S608 (names of the catalogue)
    status = await connection.copy_from_query(query, output=sink)
    return int(status.split()[-1])


async def copy_in(
    connection: asyncpg.Connection, table: Table, source: AsyncIterator[bytes]
) -> int:
    """Add rows in PostgreSQL's text format; how many they were."""
    status = await connection.copy_to_table(table.name, source=source, columns=list(table.columns))
    return int(status.split()[-1])


MADE = {"supergraphs", "operations", "operation_days"}
"""Tables that a hub fills by itself as soon as it serves."""


async def is_unused(connection: asyncpg.Connection) -> bool:
    """Whether nobody ever wrote anything to the store."""
    if await connection.fetchval("select to_regclass('public.change_head') is null"):
        return True
    for table in await list_tables(connection):
        if table.name in MADE:
            continue
        if table.name == "change_head":
            text = "select exists (select from change_head where position > 0)"
        else:
            text = f"select exists (select from {_quoted(table.name)})"  # noqa: S608
        if await connection.fetchval(text):
            return False
    return True


async def drop_all(connection: asyncpg.Connection) -> None:
    """Remove all tables, so that the store can be migrated to an older state than it has."""
    await connection.execute(
        "set client_min_messages = warning; drop schema public cascade; create schema public; "
        "grant usage on schema public to public"
    )


async def truncate(connection: asyncpg.Connection, tables: list[Table]) -> None:
    """Empty the tables."""
    await connection.execute("truncate " + ", ".join(_quoted(t.name) for t in tables))


async def set_sequences(connection: asyncpg.Connection, values: dict[str, int]) -> None:
    for name, value in values.items():
        await connection.execute("select setval($1::text::regclass, $2)", _quoted(name), value)


async def new_log_id(connection: asyncpg.Connection) -> None:
    """Make this another log than the one it was copied from: no graph of that one fits it."""
    await connection.execute("update change_head set log_id = gen_random_uuid()")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
