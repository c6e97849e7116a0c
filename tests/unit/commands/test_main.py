"""The top of the command line."""

import importlib
import subprocess
import sys

import pytest
import typer

from hub.commands import main as top
from hub.commands.main import COMMANDS
from hub.errors import HubError


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_has_a_module_with_an_app(name: str) -> None:
    module = importlib.import_module(f"hub.commands.{name.replace('-', '_')}")
    assert isinstance(module.app, typer.Typer)


def test_help_lists_all_commands_and_imports_none() -> None:
    program = (
        "import sys\n"
        "from hub.commands import main\n"
        "sys.argv = ['hub', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "loaded = {'neo4j', 'asyncpg', 'aiokafka', 'strawberry', 'shapely', 'pydantic'}\n"
        "print('LOADED', sorted(loaded & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "LOADED []" in told.stdout
    for name in COMMANDS:
        assert f" {name} " in told.stdout


def run_main(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int | str | None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(importlib.import_module("hub.commands.main"), "app", fail)
    monkeypatch.delenv("HUB_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        top()
    return ended.value.code


def test_an_error_is_one_message_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, HubError("It broke.", "Mend it.")) == 1
    assert capsys.readouterr().err == "hub: It broke.\n     Mend it.\n"


def test_an_unforeseen_error_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, RuntimeError("odd")) == 1
    told = capsys.readouterr().err
    assert "RuntimeError: odd" in told
    assert "HUB_DEBUG=1" in told
    assert "Traceback" not in told


def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_NEO4J_PORT", "many")
    monkeypatch.setattr("sys.argv", ["hub", "status"])
    with pytest.raises(SystemExit) as ended:
        top()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "HUB_NEO4J_PORT" in told
    assert "Traceback" not in told


def test_ctrl_c_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_main(monkeypatch, KeyboardInterrupt()) == 130
