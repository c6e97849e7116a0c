"""Composition of subgraphs into a supergraph, by Node in a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graphql import GraphQLError, build_ast_schema, parse, validate_schema
from graphql.validation.validate import validate_sdl

from hub.federation.errors import ComposerUnavailable
from hub.federation.subgraph import Subgraph

GATEWAY = Path(__file__).resolve().parent.parent / "gateway"
SECONDS = 30.0
MEGABYTES = 512
"""Most memory that Node's heap may take."""

REMEDY = "Install Node 20 and run bin/setup, which installs the gateway's packages."
AGAIN = "Try again; if it fails again, hand it on to those who look after the hub."
TOO_LARGE = "SCHEMA_TOO_LARGE"
INVALID = "SUPERGRAPH_INVALID"
"""Codes of the hub's own errors, whose messages say what to do."""
LARGE = "the schema is too large or too deep to compose; hand in a smaller one"


@dataclass(frozen=True)
class CompositionError:
    """One error of the composition library: its code, and its message in its own words."""

    code: str
    message: str


@dataclass(frozen=True)
class Composed:
    """The supergraph and its API, both as SDL; or errors, and both are empty."""

    supergraph: str = ""
    api: str = ""
    errors: tuple[CompositionError, ...] = ()


async def compose(
    subgraphs: Sequence[Subgraph], *, gateway: Path = GATEWAY, seconds: float = SECONDS
) -> Composed:
    """Compose subgraphs whose SDL parses; an invalid supergraph is an error and none is given.

    Raises ComposerUnavailable if Node or its packages are missing, or it fails or takes too long.
    """
    node = shutil.which("node")
    if node is None:
        raise ComposerUnavailable("Node, which composes subgraphs, is not installed.", REMEDY)
    if not (gateway / "node_modules" / "@theguild" / "federation-composition").is_dir():
        raise ComposerUnavailable("The packages that compose subgraphs are missing.", REMEDY)
    listed = [{"name": s.name, "url": s.url, "sdl": s.sdl} for s in subgraphs]
    output = await _run(
        [node, f"--max-old-space-size={MEGABYTES}", str(gateway / "compose.mjs")],
        json.dumps({"subgraphs": listed}).encode(),
        seconds,
    )
    answer = json.loads(output)
    if answer.get("errors"):
        errors = (CompositionError(e["code"], e["message"]) for e in answer["errors"])
        return Composed(errors=tuple(errors))
    error = await asyncio.to_thread(_fault, answer["supergraph"])
    return Composed(errors=(error,)) if error else Composed(answer["supergraph"], answer["api"])


def _fault(supergraph: str) -> CompositionError | None:
    """Why the gateway could not take a supergraph, None if nothing is wrong."""
    try:
        document = parse(supergraph, no_location=True)
        found = validate_sdl(document)
        found = found or validate_schema(build_ast_schema(document, assume_valid_sdl=True))
        told = found[0].message if found else None
    except RecursionError:
        return CompositionError(TOO_LARGE, LARGE)
    except (GraphQLError, TypeError, ValueError) as error:
        told = str(error)
    if told is None:
        return None
    return CompositionError(
        INVALID,
        f"it composes to a supergraph that is not valid: {told.rstrip('.')[:300]}; "
        "choose other names, or leave out what is named",
    )


async def _run(command: list[str], given: bytes, seconds: float) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(given), seconds)
    except TimeoutError:
        raise ComposerUnavailable(
            f"Composing the subgraphs took more than {seconds:g} seconds.",
            "Hand in a smaller schema, or try again when the machine is less busy.",
        ) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        return _failed(process.returncode, errors.decode("utf-8", "replace"))
    return output


def _failed(code: int, told: str) -> bytes:
    """What Node could not do because of the schema, as an answer. Raises ComposerUnavailable."""
    if re.search(r"^RangeError: |heap out of memory", told, re.M):
        return json.dumps({"errors": [{"code": TOO_LARGE, "message": LARGE}]}).encode()
    found = re.search(r"^(\w*Error|FATAL ERROR)\b.*: .*", told, re.M)
    why = found[0] if found else f"exit code {code}"
    missing = "ERR_MODULE_NOT_FOUND" in told or "Cannot find " in told
    raise ComposerUnavailable(
        f"Composing the subgraphs failed: {why[:300]}", REMEDY if missing else AGAIN
    )
