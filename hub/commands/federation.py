"""`hub federation`: the registry of partners' subgraphs."""

from __future__ import annotations

import asyncio
import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from hub.federation.liveness import faults
from hub.federation.opening import open_registry
from hub.federation.partner import Partner
from hub.federation.report import Report
from hub.federation.submission import Submission
from hub.federation.telling import as_json, show_partners, show_report
from hub.logs import set_up_logs
from hub.settings import Settings

app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The subgraph's SDL.", exists=True, dir_okay=False)]
Name = Annotated[str, typer.Option(help="The subgraph's name: small letters, digits, - and _.")]
Url = Annotated[str | None, typer.Option(help="Where it answers; that registered if not given.")]
By = Annotated[str | None, typer.Option(help="Who does it; the login name if not given.")]
Reason = Annotated[str | None, typer.Option(help="Why, for those who read the history.")]
Accept = Annotated[
    bool, typer.Option("--accept-breaking", help="Even if operations in use would break.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Tell machines, not people.")]


@app.callback()
def federation() -> None:
    """Check, add, list and remove partners' subgraphs."""
    set_up_logs("warning")


@app.command()
def check(file: File, name: Name, url: Url = None, as_text: AsJson = False) -> None:
    """Tell whether a subgraph could be added, and what is wrong; changes nothing.

    Ends with 1 if it could not.
    """
    given = Submission.from_file(file, name, url)

    async def run() -> Report:
        async with open_registry(Settings()) as registry:
            return await registry.check(given)

    _end(asyncio.run(run()), str(file), as_text)


@app.command()
def add(
    file: File,
    name: Name,
    url: Url = None,
    by: By = None,
    reason: Reason = None,
    accept_breaking: Accept = False,
    as_text: AsJson = False,
) -> None:
    """Add a subgraph, or replace the one of that name, if the check finds nothing wrong."""
    given = Submission.from_file(file, name, url)

    async def run() -> Report:
        async with open_registry(Settings()) as registry:
            return await registry.add(
                given, by=by or _login(), reason=reason, accept_breaking=accept_breaking
            )

    _end(asyncio.run(run()), str(file), as_text, accept_breaking)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The partner's name.")],
    by: By = None,
    reason: Reason = None,
    accept_breaking: Accept = False,
    as_text: AsJson = False,
) -> None:
    """Remove a subgraph, if no operation in use needs it."""

    async def run() -> Report:
        async with open_registry(Settings()) as registry:
            return await registry.remove(
                name, by=by or _login(), reason=reason, accept_breaking=accept_breaking
            )

    _end(asyncio.run(run()), name, as_text, accept_breaking)


@app.command("list")
def list_partners(as_text: AsJson = False) -> None:
    """Tell the partners, since when and by whom they are there, and whether they answer now."""
    settings = Settings()

    async def run() -> tuple[list[Partner], dict[str, str | None]]:
        async with open_registry(settings) as registry:
            found = await registry.partners()
        return found, await faults(found, settings.partner_seconds)

    found, down = asyncio.run(run())
    if as_text:
        print(json.dumps([as_json(each, down[each.name]) for each in found], ensure_ascii=False))
    else:
        show_partners(found, down)


def _end(report: Report, file: str, as_text: bool, accept_breaking: bool = False) -> None:
    if as_text:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        show_report(report, file, accept_breaking)
    if not report.passes(accept_breaking):
        raise typer.Exit(1)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("this user has no name; give one with --by") from None
