"""Runs the command `hub` with a wall clock that a test can move.

`python shifted.py FILE ingest …`: the first eight bytes of FILE are the seconds (a double) by which
`time.time` and `datetime.now` of the hub's and its libraries' Python code are ahead. Monotonic
clocks are the system's own, as they are when a machine's clock is set.
"""

from __future__ import annotations

import importlib
import mmap
import struct
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

OURS = ("hub", "resolvers", "schema")


def main() -> None:
    """Move the clocks, then be `hub`."""
    with Path(sys.argv[1]).open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 8)
    true_time = time.time

    def ahead() -> float:
        found: float = struct.unpack("d", memory)[0]
        return found

    time.time = lambda: true_time() + ahead()

    importlib.import_module("hub.app")
    importlib.import_module("hub.ingest.service")
    from hub.commands.main import main as command

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=ahead())

    for name, module in list(sys.modules.items()):
        ours = name.partition(".")[0] in OURS
        if ours and getattr(module, "datetime", None) is datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]
    sys.argv = ["hub", *sys.argv[2:]]
    command()


if __name__ == "__main__":
    main()
