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

from hub.federation.errors import ComposerUnavailable
from hub.federation.subgraph import Subgraph

GATEWAY = Path(__file__).resolve().parent.parent / "gateway"
SECONDS = 30.0
MEGABYTES = 512
"""Most memory that Node's heap may take."""

REMEDY = "Install Node 20 and run bin/setup, which installs the gateway's packages."


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
    """Compose subgraphs whose SDL parses.

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
    return Composed(answer["supergraph"], answer["api"])


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
        told = re.search(r"^(\w*Error|FATAL ERROR): .*", errors.decode("utf-8", "replace"), re.M)
        why = told[0] if told else f"exit code {process.returncode}"
        raise ComposerUnavailable(f"Composing the subgraphs failed: {why[:300]}", REMEDY)
    return output
