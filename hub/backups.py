"""Backup and restore of everything that cannot be made anew: the PostgreSQL store and the keys."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from hub.backup_folder import (
    BackupError,
    Manifest,
    differing_keys,
    reading,
    restore_keys,
    save_keys,
    writing,
)
from hub.stores import Stores
from resolvers.catalog import Catalog
from resolvers.stores import tables
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.checksum import log_sums
from resolvers.stores.migrate import known_migrations, migrate, role_of
from resolvers.stores.tables import Table

Progress = Callable[[str, int], None]
"""Told of a table's name, and how many more bytes or records of it are done."""

CHUNK = 1 << 18


def silent(name: str, done: int) -> None:
    """No progress to show."""


async def backup(
    owner_dsn: str, catalog: Catalog, keys: Path, target: Path, progress: Progress = silent
) -> Manifest:
    """Write a backup of one moment while the hub goes on working; gives its manifest.

    Raises BackupError if the target is there already, StoreUnavailable without PostgreSQL.
    """
    connection = await tables.connect(owner_dsn)
    try:
        with writing(target) as folder:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                position = await connection.fetchval("select position from change_head")
                migrations = await tables.applied_migrations(connection)
                listed = []
                (folder / "tables").mkdir()
                for table in await tables.list_tables(connection):
                    path = folder / "tables" / f"{table.name}.copy.gz"
                    with gzip.open(path, "wb", compresslevel=1) as file:

                        async def sink(
                            data: bytes, file: gzip.GzipFile = file, name: str = table.name
                        ) -> None:
                            file.write(data)
                            progress(name, len(data))

                        rows = await tables.copy_out(connection, table, sink)
                    listed.append({**table.as_dict(), "rows": rows})
                sums = await log_sums(connection, catalog, progress)
                used = await tables.sequences(connection)
                partitions = await tables.partitions(connection)
            save_keys(keys, folder)
            manifest = Manifest(
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                position=position,
                migrations={str(number): text for number, text in sorted(migrations.items())},
                tables=listed,
                sequences=used,
                graph=sums.as_dict(),
                partitions=partitions,
            )
            manifest.write(folder)
            return manifest
    finally:
        await connection.close()


async def restore(
    stores: Stores, keys: Path, source: Path, *, force: bool = False, progress: Progress = silent
) -> Manifest:
    """Put a backup into the PostgreSQL store and its keys in place; gives its manifest.

    The graph is not touched; it belongs to another log now and is built anew by whoever projects.
    Raises BackupError, before anything is changed, if the backup is damaged or of a newer
    release, or if the store or the keys are in use and `force` is not given.
    """
    with reading(source) as folder:
        manifest = Manifest.read(folder)
        _check_release(manifest)
        changed = differing_keys(folder, keys)
        if changed and not force:
            raise BackupError(
                f"{keys} holds other keys than the backup: {', '.join(changed)}.",
                "Restore into a new data folder, or give --force to replace them.",
            )
        await _fill(stores, folder, manifest, force, progress)
        restore_keys(folder, keys)
    return manifest


def _check_release(manifest: Manifest) -> None:
    known = {str(migration.number): migration.checksum for migration in known_migrations()}
    for number, checksum in manifest.migrations.items():
        if known.get(number) != checksum:
            raise BackupError(
                f"The backup is of another release: its migration {number} is not known here.",
                "Restore it with the release that made it, or a newer one.",
            )


async def _fill(
    stores: Stores, folder: Path, manifest: Manifest, force: bool, progress: Progress
) -> None:
    addresses = stores.addresses
    connection = await tables.connect(addresses.postgres_owner_dsn)
    try:
        if not force and not await tables.is_unused(connection):
            raise BackupError(
                "The PostgreSQL store is in use.",
                "Restore into a new data folder, or give --force to replace what it holds.",
            )
        latest = max(map(int, manifest.migrations), default=0)
        if await tables.is_newer(connection, latest):
            await tables.drop_all(connection)
        await _migrate(addresses, latest)
        async with connection.transaction():
            await tables.truncate(connection, await tables.list_tables(connection))
            for statement in manifest.partitions:
                await connection.execute(statement)
            for entry in manifest.tables:
                table = Table(entry["name"], tuple(entry["columns"]))
                path = folder / "tables" / f"{table.name}.copy.gz"
                rows = await tables.copy_in(connection, table, _unpacked(path, progress))
                if rows != entry["rows"]:
                    raise BackupError(
                        f"{table.name} holds {rows} rows, not {entry['rows']}.",
                        "Use another backup.",
                    )
            await tables.set_sequences(connection, manifest.sequences)
            await tables.new_log_id(connection)
        await connection.execute("analyze")
        await _migrate(addresses)
    finally:
        await connection.close()


async def _migrate(addresses: StoreAddresses, upto: int | None = None) -> None:
    await migrate(
        addresses.postgres_owner_dsn,
        service_role=role_of(addresses.postgres_service_dsn),
        auditor_role=role_of(addresses.postgres_auditor_dsn),
        upto=upto,
    )


async def _unpacked(path: Path, progress: Progress) -> AsyncIterator[bytes]:
    name = path.name.removesuffix(".copy.gz")
    with gzip.open(path, "rb") as file:
        while data := file.read(CHUNK):
            progress(name, len(data))
            yield data
