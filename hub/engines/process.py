"""Which process is an engine: notes that a reused process number cannot fool."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from hub.engines.files import write_private

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ProcessNote:
    """A process, by its number, the boot it belongs to and its start, which no other one shares."""

    pid: int
    boot: str
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessNote | None":
        """The note of a living process; None if there is none (a zombie is none)."""
        _reap(pid)
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
            state, *fields = text.rpartition(")")[2].split()
            if state in "ZX":
                return None
            return cls(pid, BOOT_ID.read_text().strip(), fields[18])
        except OSError:
            if BOOT_ID.exists():
                return None
        try:  # no /proc here
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, "", str(process.create_time()))
        except psutil.Error:
            return None

    @classmethod
    def read(cls, path: Path) -> "ProcessNote | None":
        """The note in a file, if that very process still lives; else None."""
        try:
            noted = cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return noted if cls.of(noted.pid) == noted else None

    def write(self, path: Path) -> None:
        """Put the note in a file."""
        write_private(path, json.dumps(asdict(self)))

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return ProcessNote.of(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if this very process still runs."""
        if self.lives():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def with_arguments(signature: frozenset[str]) -> ProcessNote | None:
    """The process that has all these arguments, whoever noted it."""
    for number in psutil.pids():  # process_iter keeps objects of numbers that were used before
        try:
            process = psutil.Process(number)
            arguments = process.cmdline()
        except psutil.Error:
            continue
        if process.pid != os.getpid() and signature.issubset(arguments):
            note = ProcessNote.of(process.pid)
            if note is not None:
                return note
    return None


def working_in(folder: Path) -> Iterator[int]:
    """Numbers of the processes whose working folder this is."""
    resolved = str(folder.resolve())
    for process in psutil.process_iter():
        try:
            if process.cwd() == resolved:
                yield process.pid
        except (psutil.Error, OSError):
            continue


def _reap(pid: int) -> None:
    """Let go of an ended child of ours, which would otherwise stay as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except (ChildProcessError, OSError):
        return
