"""PostgreSQL and Kafka of these tests' own: to be killed, cut off and filled up.

Kafka has a second listener whose advertised address is a cable's, so that a client that comes
through the cable stays behind it. PostgreSQL's folder is a tmpfs where this may be mounted.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from unittest.mock import patch

from hub.engines import up
from hub.engines.folder import DataFolder
from hub.engines.kafka import Kafka
from hub.engines.ports import port_of
from hub.engines.process import ProcessNote
from hub.settings import Settings
from tests.engines_for_tests import clear, make_folder, note_of, settings_for_tests

NAMES = ("postgres", "kafka")
PAGE = 4096


class OwnEngines:
    """The two stores. `cable` is the port at which Kafka's second listener is advertised."""

    def __init__(self, cable: int, megabytes: int) -> None:
        self.folder = make_folder()
        self.settings: Settings = settings_for_tests(self.folder)
        self._cable = cable
        self._size = f"{megabytes}m"
        self._disk = self.folder / "postgres"
        self.limited = self._mount()
        """Whether PostgreSQL's disk can be filled up."""

    @property
    def behind_cable(self) -> int:
        """The port of Kafka's second listener."""
        return port_of(DataFolder(self.folder), "survival", 0)

    async def start(self, *names: str) -> None:
        """Start what does not run, and wait until it answers."""
        plain = Kafka._configuration

        def configuration(kafka: Kafka) -> str:
            return plain(kafka) + "".join(self._more(plain(kafka)))

        with patch.object(Kafka, "_configuration", configuration):
            await up(self.settings, names or NAMES)

    def _more(self, configuration: str) -> list[str]:
        """The configuration's lines that a second listener changes; the last one counts."""
        lines = dict(line.split("=", 1) for line in configuration.splitlines())
        jaas = "listener.name.{}.plain.sasl.jaas.config"
        added = {
            "listeners": f"CABLE://127.0.0.1:{self.behind_cable}",
            "advertised.listeners": f"CABLE://127.0.0.1:{self._cable}",
            "listener.security.protocol.map": "CABLE:SASL_PLAINTEXT",
        }
        found = [f"{name}={lines[name]},{value}\n" for name, value in added.items()]
        return [*found, f"{jaas.format('cable')}={lines[jaas.format('clients')]}\n"]

    async def kill(self, name: str) -> None:
        """kill -9, and wait for the end."""
        noted = ProcessNote.read(self.folder / "run" / f"{name}.json")
        assert noted is not None, f"{name} does not run"
        os.kill(int(str(note_of(self.folder, name)["pid"])), signal.SIGKILL)
        while noted.lives():  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def log(self, name: str) -> str:
        """What an engine has told, its earlier runs included."""
        files = sorted((self.folder / "logs").glob(f"{name}*"))
        return "".join(file.read_text(errors="replace") for file in files)

    def fill_disk(self) -> None:
        """Leave not a byte to PostgreSQL."""
        found = os.statvfs(self._disk)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._do("mount", "-o", f"remount,size={used + PAGE}", str(self._disk))

    def empty_disk(self) -> None:
        """Give it all its space back."""
        self._do("mount", "-o", f"remount,size={self._size}", str(self._disk))

    async def end(self) -> None:
        """Stop both, and forget their data."""
        if self.limited:
            self.empty_disk()
        await asyncio.to_thread(clear, self.folder)
        if self.limited:
            self._do("umount", "-l", str(self._disk))
            await asyncio.to_thread(clear, self.folder)

    def _mount(self) -> bool:
        self._disk.mkdir()
        try:
            self._do("mount", "-t", "tmpfs", "-o", f"size={self._size}", "tmpfs", str(self._disk))
        except (OSError, subprocess.CalledProcessError):
            self._disk.rmdir()
            return False
        return True

    def _do(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)
