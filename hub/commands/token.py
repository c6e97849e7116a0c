"""`hub token`: issue a token."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from hub.context import issuer_of
from hub.keys import Keys
from hub.settings import Settings

app = typer.Typer()


@app.command()
def issue(
    subject: Annotated[str, typer.Option(help="Who it is for: a person's or system's name.")],
    role: Annotated[
        list[str] | None, typer.Option(help="A role, such as steward; may be repeated.")
    ] = None,
    department: Annotated[str | None, typer.Option(help="Code of the department.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 366, help="How long it lasts.")] = 8,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Print a signed token, to be sent as `Authorization: Bearer TOKEN`."""
    settings = Settings()
    issuer = issuer_of(settings, Keys(settings.data / "keys"))
    try:
        token = issuer.issue(subject, roles=role or (), department=department, hours=hours)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error
    if as_text:
        print(json.dumps({"token": token, "expires": int(time.time() + hours * 3600)}))
    else:
        print(token)
