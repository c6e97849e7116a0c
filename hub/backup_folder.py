"""The form of a backup: a folder (or one .tar) with a manifest and the SHA-256 of every file.

manifest.json        format, time, migrations, tables, sequences, files, checksum of the graph
tables/NAME.copy.gz  each table's rows in PostgreSQL's text format
keys/NAME            the hub's own keys: whoever has a backup can sign tokens
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import HubError

FORMAT = 1
MANIFEST = "manifest.json"


class BackupError(HubError):
    """A backup cannot be written or read, or is not what its manifest says."""


@dataclass
class Manifest:
    """What a backup holds."""

    made_at: str
    position: int
    migrations: dict[str, str]
    """Checksum of each migration by number."""
    tables: list[dict[str, Any]]
    """Name, columns and rows of each table, in the order in which they must be filled."""
    sequences: dict[str, int]
    graph: dict[str, Any]
    """The checksum that a graph built from this log has (`resolvers.stores.checksum`)."""
    partitions: list[str] = field(default_factory=list)
    """Statements that make the partitions which the tables' rows need."""
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file by its path in the backup."""
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Note the digest of every file in the folder, then the manifest itself."""
        self.files = {
            str(path.relative_to(folder)): sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        (folder / MANIFEST).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a backup all of whose files are as it says.

        Raises BackupError for a missing, damaged or surplus file, or an unknown format.
        """
        try:
            raw = json.loads((folder / MANIFEST).read_text())
            if raw.get("format") != FORMAT:
                raise BackupError(
                    f"{folder} has format {raw.get('format')}; this release reads {FORMAT}.",
                    "Restore it with the release that made it, or a newer one.",
                )
            found = cls(**raw)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise BackupError(
                f"{folder} is not a backup: {error}", "Give a folder or .tar that hub backup made."
            ) from error
        present = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
        present.discard(MANIFEST)
        for name in sorted(present ^ found.files.keys()):
            what = "lacks" if name in found.files else "has a file that is not in its manifest:"
            raise BackupError(f"The backup {what} {name}.", "Use another backup.")
        for name, digest in found.files.items():
            if sha256(folder / name) != digest:
                raise BackupError(f"{name} in the backup is damaged.", "Use another backup.")
        return found


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(target: Path) -> Iterator[Path]:
    """A private folder to fill, which becomes `target` (a folder, or a .tar) when all went well.

    Raises BackupError if the target is there already.
    """
    if target.exists():
        raise BackupError(f"{target} is there already.", "Give another path.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield draft
        if target.suffix == ".tar":
            packed = draft.with_name(draft.name + ".tar")
            try:
                descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as t:
                    for path in sorted(draft.iterdir()):
                        t.add(path, arcname=path.name)
                packed.rename(target)
            finally:
                packed.unlink(missing_ok=True)
        else:
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def reading(source: Path) -> Iterator[Path]:
    """The folder of a backup; a .tar is unpacked beside nothing else and removed again."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="city-hub-restore-") as name:
        try:
            with tarfile.open(source) as packed:
                packed.extractall(name, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise BackupError(
                f"{source} cannot be read: {error}", "Give a folder or .tar that hub backup made."
            ) from error
        yield Path(name)


def save_keys(keys: Path, folder: Path) -> None:
    """Copy the hub's keys into a backup."""
    if keys.is_dir():
        (folder / "keys").mkdir(mode=0o700)
        for path in sorted(keys.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                write_private(folder / "keys" / path.name, path.read_bytes())


def differing_keys(folder: Path, keys: Path) -> list[str]:
    """Names of keys that are there already and are not those of the backup."""
    there = folder / "keys"
    saved = sorted(there.iterdir()) if there.is_dir() else []
    return [
        path.name
        for path in saved
        if (keys / path.name).exists() and (keys / path.name).read_bytes() != path.read_bytes()
    ]


def restore_keys(folder: Path, keys: Path) -> None:
    """Put the keys of a backup in place, readable by their owner alone."""
    there = folder / "keys"
    if not there.is_dir():
        return
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(there.iterdir()):
        draft = keys / f".{path.name}.restored"
        draft.unlink(missing_ok=True)
        write_private(draft, path.read_bytes())
        draft.replace(keys / path.name)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
