"""`hub query`: ask a running hub."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.json import JSON

from hub.errors import HubError
from hub.settings import Settings

app = typer.Typer()


@app.command()
def ask(
    query: Annotated[
        str, typer.Argument(help="A GraphQL document, the path of a file with one, or - (stdin).")
    ],
    variables: Annotated[str | None, typer.Option(help="JSON object, or the path of one.")] = None,
    operation: Annotated[str | None, typer.Option(help="Which operation to run.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="HUB_TOKEN", help="A token (`hub token`).")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The hub's address.")] = None,
    explain: Annotated[bool, typer.Option(help="Also tell the statements run.")] = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time to wait for the answer.")] = 60,
    as_text: Annotated[bool, typer.Option("--json", help="Tell machines, not people.")] = False,
) -> None:
    """Run a query or mutation and print the answer; ends with 1 if it has errors."""
    request: dict[str, Any] = {"query": _document(query)}
    if variables is not None:
        request["variables"] = _object(variables)
    if operation is not None:
        request["operationName"] = operation
    settings = Settings()
    base = url or f"http://{settings.host}:{settings.port}"
    headers = {"Accept": "application/graphql-response+json, application/json;q=0.9"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if explain:
        headers["X-Hub-Explain"] = "1"
    answer = _post(
        f"{base.rstrip('/').removesuffix('/graphql')}/graphql", request, headers, seconds
    )
    if as_text:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        Console().print(JSON.from_data(answer, ensure_ascii=False))
    if answer.get("errors"):
        raise typer.Exit(1)


def _document(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return _from_file(given) or given


def _object(given: str) -> dict[str, Any]:
    try:
        value = json.loads(_from_file(given) or given)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"the variables are not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise typer.BadParameter("the variables must be a JSON object.")
    return value


def _from_file(given: str) -> str | None:
    """The text of the file that is named, None where it is no file's name."""
    if "{" in given or "\n" in given or len(given) > 4096:
        return None
    path = Path(given)
    return path.read_text("utf-8") if path.is_file() else None


def _post(
    url: str, request: dict[str, Any], headers: dict[str, str], seconds: float
) -> dict[str, Any]:
    try:
        response = httpx.post(url, json=request, headers=headers, timeout=seconds)
        answer = response.json()
    except httpx.ConnectError as error:
        raise HubError(f"No hub answers at {url}.", "Start it: hub serve.") from error
    except httpx.TimeoutException as error:
        raise HubError(f"No answer within {seconds:g} s.", "Ask for less, or --seconds.") from error
    except (httpx.HTTPError, ValueError) as error:
        raise HubError(f"{url} gave no GraphQL answer: {error}", "Is it a hub?") from error
    if not isinstance(answer, dict):
        raise HubError(f"{url} gave no GraphQL answer.", "Is it a hub?")
    return answer
