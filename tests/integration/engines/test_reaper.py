"""A test run that was killed leaves engines behind; the next one ends them."""

import json
from pathlib import Path

from hub.engines.process import ProcessNote
from tests.engines_for_tests import OWNER, hub, note_of, reap


def test_engines_of_a_dead_run_are_ended(data: Path) -> None:
    started = hub(data, "up", "postgres")
    assert started.returncode == 0, started.stderr
    pid = int(str(note_of(data, "postgres")["pid"]))
    assert data not in reap(), "its owner, this run, lives"

    (data / OWNER).write_text(json.dumps({"pid": pid, "boot": "an earlier one", "started": "1"}))
    assert data in reap()
    assert not data.exists()
    assert ProcessNote.of(pid) is None
