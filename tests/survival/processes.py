"""Processes of the hub that a test kills, stops, wakes and starts again."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SHIFTED = Path(__file__).with_name("shifted.py")


class HubProcess:
    """One place where a `hub …` runs; it may run there several times, one after the other."""

    def __init__(
        self, name: str, arguments: list[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._arguments = arguments
        self._environment = dict(environment)
        self._clock = folder / f"{name}.clock"
        self._process: subprocess.Popen[bytes] | None = None
        self.set_clock(0)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def setting(self, name: str) -> str:
        """The environment variable that it was given."""
        return self._environment[name]

    def start(self) -> None:
        """Start it; its log goes on in the same file."""
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SHIFTED), str(self._clock), *self._arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def pause(self) -> None:
        """SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    async def stop(self) -> None:
        """SIGTERM, and a good end: nothing under way was given up."""
        assert self._process is not None
        self._process.terminate()
        code = await asyncio.to_thread(self._process.wait, 60)
        told = f"{self.name} ended with {code}: {self.log.read_text()[-3000:]}"
        assert code in (0, -signal.SIGTERM), told  # uvicorn ends by the signal it got

    def mend(self) -> bool:
        """Wake it, and start it where it has ended; whether that was so."""
        self.set_clock(0)
        if self._process is not None and self._process.poll() is None:
            self.resume()
            return False
        self.start()
        return True

    def end(self) -> None:
        """Whatever state it is in, it is no more."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(20)

    def set_clock(self, seconds: float) -> None:
        """Set its wall clock so far ahead of the system's."""
        with self._clock.open("r+b" if self._clock.exists() else "w+b") as file:
            file.write(struct.pack("d", seconds))

    def said(self, *words: str) -> int:
        """How many lines of its log hold all of these words."""
        lines = self.log.read_text(errors="replace").splitlines()
        return sum(all(word in line for word in words) for line in lines)
