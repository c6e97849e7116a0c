"""A backup, restored into an emptied store, gives the same graph; a damaged one gives nothing."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from hub.backup_folder import BackupError, Manifest
from hub.backups import backup, restore
from hub.stores import Stores
from resolvers.model import CATALOG
from resolvers.stores.addresses import StoreAddresses
from tests.event_rows import store_versions, version
from tests.integration.writes.conftest import ANNE, Site, in_database, open_site
from tests.small_district import batches
from tests.stores_for_tests import create_database, drop_database


async def fill(site: Site, keys: Path) -> None:
    for batch in batches(20):
        await site.writer().write(batch)
    venue = CATALOG["Venue"]
    await site.changes().update(
        venue, "V1", {"name": "\t\\N茶\n"}, {}, expected_version=1, caller=ANNE
    )
    await site.changes().retire(
        CATALOG["Camera"], "37020200001320000001", expected_version=1, caller=ANNE
    )
    make_keys(keys)


EVENTS = [
    version("c1", "episode1"),
    version("c1", "episode1", 2, recordedAt="2026-05-01T00:00:00.000000Z"),
]


async def versions(at: StoreAddresses) -> list[asyncpg.Record]:
    """Every version of every event, whole."""
    connection = await asyncpg.connect(at.postgres_service_dsn)
    try:
        text = "select v::text from event_versions v order by epoch, partition, topic_offset"
        return list(await connection.fetch(text))
    finally:
        await connection.close()


def make_keys(keys: Path) -> None:
    keys.mkdir()
    (keys / "cursor.key").write_text("secret")
    (keys / "cursor.key").chmod(0o600)


@pytest.mark.parametrize("name", ["saved", "saved.tar"])
async def test_restore_gives_the_same_graph(site: Site, tmp_path: Path, name: str) -> None:
    keys, target = tmp_path / "keys", tmp_path / name
    await fill(site, keys)
    await store_versions(site.postgres, EVENTS)
    kept = await versions(site.addresses)
    assert len(kept) == len(EVENTS)
    before = await site.check()
    manifest = await backup(site.addresses.postgres_owner_dsn, CATALOG, keys, target)
    assert manifest.graph["content"] == before.graph.content
    await site.stop_projector()
    other = in_database(site.addresses, "t_writes_restored")
    await create_database(site.addresses, "t_writes_restored")
    stores = await Stores.open(other, CATALOG)
    try:
        await restore(stores, tmp_path / "new" / "keys", target)
        restored = await open_site(other)
        await restored.start_projector()
        after = await restored.check()
        assert after.graph == before.graph
        assert await versions(other) == kept
        key = tmp_path / "new" / "keys" / "cursor.key"
        assert (key.read_text(), key.stat().st_mode & 0o777) == ("secret", 0o600)
        with pytest.raises(BackupError, match="in use"):
            await restore(stores, tmp_path / "new" / "keys", target)
        await restored.stop_projector()
        await restore(stores, tmp_path / "new" / "keys", target, force=True)
        await restored.start_projector()
        assert (await restored.check()).graph == before.graph
        await restored.close()
    finally:
        await stores.close()
        await drop_database(site.addresses, "t_writes_restored")


async def test_a_damaged_backup_changes_nothing(site: Site, tmp_path: Path) -> None:
    keys, target = tmp_path / "keys", tmp_path / "saved"
    await fill(site, keys)
    await backup(site.addresses.postgres_owner_dsn, CATALOG, keys, target)
    path = target / "tables" / "entities.copy.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    await create_database(site.addresses, "t_writes_damaged")
    stores = await Stores.open(in_database(site.addresses, "t_writes_damaged"), CATALOG)
    try:
        with pytest.raises(BackupError, match=r"entities\.copy\.gz in the backup is damaged"):
            await restore(stores, tmp_path / "new" / "keys", target, force=True)
        with pytest.raises(asyncpg.UndefinedTableError):
            await stores.postgres.fetch("select * from entities")
        assert not (tmp_path / "new").exists()
        (target / "extra").write_text("?")
        with pytest.raises(BackupError, match="extra"):
            await restore(stores, tmp_path / "new" / "keys", target)
        with pytest.raises(BackupError, match="already"):
            await backup(site.addresses.postgres_owner_dsn, CATALOG, keys, target)
    finally:
        await stores.close()
        await drop_database(site.addresses, "t_writes_damaged")


async def test_a_backup_of_a_newer_release_is_refused(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "saved"
    manifest = await backup(site.addresses.postgres_owner_dsn, CATALOG, tmp_path / "k", target)
    (target / "manifest.json").unlink()
    newer: Manifest = replace(manifest, migrations={**manifest.migrations, "9999": "?"})
    newer.write(target)
    stores = await Stores.open(site.addresses, CATALOG)
    try:
        with pytest.raises(BackupError, match="another release"):
            await restore(stores, tmp_path / "k", target, force=True)
    finally:
        await stores.close()
