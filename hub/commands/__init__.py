"""The command `hub`: one module per command, imported only when it is called.

To add a command: a line in COMMANDS, and a module of that name here whose `app` is a typer.Typer.
A command with commands of its own (`hub graph rebuild`) has an `@app.callback()` in its module.
"""

from hub.commands.main import main

__all__ = ["main"]
