"""The data folder: logs, passwords, ports, lock and notes."""

import os
import socket
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from hub.engines.errors import EngineError
from hub.engines.folder import DataFolder, last_lines, size_on_disk
from hub.engines.ports import choose_again, is_free, listener, port_of
from hub.engines.process import ProcessNote, with_arguments
from hub.engines.secrets import secret


def test_logs_are_put_aside_and_five_are_kept(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for run in range(8):
        folder.rotate("kafka").write_text(f"run {run}\n\n")
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        "kafka.log",
        *(f"kafka.log.{age}" for age in range(1, 6)),
    ]
    assert last_lines(folder.log("kafka")) == ["run 7"]
    assert last_lines(tmp_path / "logs" / "kafka.log.5") == ["run 2"]


def test_last_lines_of_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log") == []


def test_a_secret_is_made_once_and_closed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    made = secret(folder, "key")
    path = tmp_path / "secrets" / "key"
    assert len(made) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert secret(folder, "key") == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (folder.sub("secrets") / "key").write_text("\n")
    with pytest.raises(EngineError, match="is empty"):
        secret(folder, "key")


def test_a_chosen_port_is_remembered_and_a_set_one_kept(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    chosen = port_of(folder, "neo4j", 0)
    assert is_free(chosen)
    assert port_of(DataFolder(tmp_path), "neo4j", 0) == chosen
    assert port_of(folder, "neo4j", 7687) == 7687
    assert port_of(folder, "kafka", 0) != chosen
    other = choose_again(folder, "neo4j", chosen)
    assert other != chosen
    assert choose_again(folder, "neo4j", chosen) == other, "another one chose before"


def test_many_at_once_get_the_same_secret_and_the_same_ports(tmp_path: Path) -> None:
    """The engines are prepared in threads, and `hub status` may look on meanwhile."""
    for round in range(20):
        folder = DataFolder(tmp_path / str(round))
        start = Barrier(8)

        def ask(number: int, folder: DataFolder = folder, start: Barrier = start) -> object:
            start.wait()
            return secret(folder, "key"), [port_of(folder, name, 0) for name in ("a", "b", "c")]

        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(ask, range(8)))
        assert all(each == told[0] for each in told)


def test_a_listener_is_named() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
        assert listener(port).startswith(f"process {os.getpid()} (")


def test_the_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path).lock(), DataFolder(tmp_path).lock()
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_note_holds_for_one_process_only(tmp_path: Path) -> None:
    child = subprocess.Popen(["sleep", "60", "0.0625"])
    note = ProcessNote.of(child.pid)
    assert note is not None
    path = tmp_path / "note.json"
    note.write(path)
    assert ProcessNote.read(path) == note
    assert with_arguments(frozenset(("sleep", "0.0625"))) == note
    child.kill()
    child.wait()
    assert ProcessNote.read(path) is None
    assert with_arguments(frozenset(("sleep", "0.0625"))) is None
    # The number is another process's by now.
    ProcessNote(os.getpid(), note.boot, note.started).write(path)
    assert ProcessNote.read(path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', "null"])
def test_a_damaged_note_names_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "note.json"
    path.write_text(text)
    assert ProcessNote.read(path) is None


def test_size_on_disk_counts_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert 100_000 <= size_on_disk(tmp_path) < 200_000
    assert size_on_disk(tmp_path / "none") == 0
