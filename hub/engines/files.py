"""Small files written whole or not at all, by several threads and processes at once."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 in place of any that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _draft(path, text).replace(path)


def write_once(path: Path, text: str) -> None:
    """Write a file of mode 0600, surely to disk; the first of two writers wins."""
    draft = _draft(path, text, sync=True)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file; other threads and processes wait, so keep it short."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _draft(path: Path, text: str, sync: bool = False) -> Path:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    return Path(draft)
