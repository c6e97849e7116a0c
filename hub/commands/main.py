"""The top of `hub`: which commands there are, and what a person sees when one fails."""

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from hub.errors import HubError

COMMANDS = {
    "up": "Start the engines.",
    "down": "Stop the engines.",
    "status": "Tell how each engine is.",
    "generate": "Make up a district's records, deterministic from a seed.",
    "load": "Load a file, or a folder with a manifest, into the graph.",
    "serve": "Answer GraphQL requests, with page, health and metrics.",
    "ingest": "Make events of detections: start several to share the work.",
    "query": "Ask a running hub.",
    "token": "Issue a token.",
    "graph": "Check the graph against the change log, or build it anew.",
    "events": "Replay dead letters, prune old events, export events to files.",
    "federation": "Check, add, list and remove partners' subgraphs.",
    "backup": "Write down everything that cannot be made anew.",
    "restore": "Put a backup in place and build the graph from it.",
    "export": "Write down what the hub is made of: its schema.",
    "federated": "The demo as subgraphs in processes of their own, behind the gateway.",
    "demo": "Start everything with the sample district, serve it, and stop it all at the end.",
}
"""Each command with its one line of help; the order is the help's."""


class Lazy(TyperGroup):
    """Knows the commands by name and imports the module of the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with its help line, which is all the list of commands needs."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, from its module."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        if stand_in is None or name is None:
            return name, stand_in, rest
        module = importlib.import_module(f"hub.commands.{name.replace('-', '_')}")
        command = typer.main.get_command(module.app)
        command.name = name
        return name, command, rest


app = typer.Typer(cls=Lazy, add_completion=False, no_args_is_help=True)


@app.callback()
def top(
    data: Annotated[
        Path | None, typer.Option(help="Data folder, for HUB_DATA.", show_default=False)
    ] = None,
) -> None:
    """City Hub: a district's shared memory behind one GraphQL endpoint."""
    if data is not None:
        os.environ["HUB_DATA"] = str(data.absolute())


def main() -> None:
    """Run the command line; one clear message in place of a traceback (HUB_DEBUG=1 shows it)."""
    try:
        app()
    except HubError as error:
        _say(error.message, error.remedy, getattr(error, "log", ""), getattr(error, "lines", []))
        sys.exit(1)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("HUB_DEBUG"):
            raise
        if type(error).__name__ == "ValidationError" and hasattr(error, "errors"):
            for wrong in error.errors():
                name = "_".join(str(part) for part in wrong["loc"]).upper()
                _say(f"HUB_{name}: {wrong['msg']}.", "Correct the setting.")
        else:
            text = f"{type(error).__name__}: {error}"
            _say(f"Something went wrong: {text}", "HUB_DEBUG=1 shows where.")
        sys.exit(1)


def _say(message: str, remedy: str, log: str = "", lines: list[str] | None = None) -> None:
    """Message, the log's last lines if there are any, and what to do, to standard error."""
    if lines:
        print(f"The last lines of {log}:", file=sys.stderr)
        for line in lines:
            print(f"  {line[:300]}", file=sys.stderr)
    print(f"hub: {message}", file=sys.stderr)
    if remedy:
        print(f"     {remedy}", file=sys.stderr)
