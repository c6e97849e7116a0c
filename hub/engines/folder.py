"""The data folder: where the stores, logs, passwords and notes about running engines stand.

lock          held while engines are started or stopped
secrets/      one file of mode 0600 per password
run/          one note per running engine; ports.json: the ports chosen where a setting says 0
logs/         one log per engine, five older ones beside it
neo4j/ postgres/ kafka/
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hub.engines.errors import EngineError

LOGS_KEPT = 5


class DataFolder:
    """One data folder; made on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    def __fspath__(self) -> str:
        return str(self.path)

    def sub(self, name: str, mode: int = 0o700) -> Path:
        """A folder inside, with exactly this mode."""
        self._make()
        path = self.path / name
        path.mkdir(exist_ok=True)
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
        return path

    def _make(self) -> None:
        if self.path.is_dir():
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # PostgreSQL's user passes through; each store inside is closed to all others.
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise EngineError(
                f"The data folder {self.path} cannot be made: {error.strerror}.",
                "Set HUB_DATA to a folder that can be written.",
            ) from error

    def log(self, engine: str) -> Path:
        """The engine's present log."""
        return self.sub("logs") / f"{engine}.log"

    def rotate(self, engine: str) -> Path:
        """Put the engine's last log aside (`.1` is the newest) and give the path of a new one."""
        log = self.log(engine)
        for age in range(LOGS_KEPT - 1, -1, -1):
            older = log.with_suffix(f".log.{age}") if age else log
            if older.exists():
                older.rename(log.with_suffix(f".log.{age + 1}"))
        return log

    def lock(self) -> "Lock":
        """The folder's lock, not taken yet."""
        self._make()
        return Lock(self.path / "lock")


class Lock:
    """Lets one start or stop at a time be at a folder; ends with its process at the latest."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Take it if nobody has it; whether it is taken now."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Wait until nobody else has it, and hold it; the loop goes on meanwhile."""
        while not self.take():  # noqa: ASYNC110 (another process has it, no task of ours)
            await asyncio.sleep(0.1)
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        """Give it back."""
        os.close(self._descriptor)


def size_on_disk(path: Path) -> int:
    """Bytes that the files under a folder take; files that vanish meanwhile do not count."""
    total = 0
    for folder, _, names in os.walk(path.resolve()):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except OSError:
                continue
    return total


def last_lines(path: Path, count: int = 15) -> list[str]:
    """The last non-empty lines of a log."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65536))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]
