"""Whether an address serves what the file declares; it may serve more."""

from __future__ import annotations

from collections.abc import Iterator

from hub.federation.address import Unreachable, served_sdl
from hub.federation.document import Sdl, SdlError, line_of
from hub.federation.problem import Problem
from hub.federation.signature import field_signature, type_text


async def served_problems(url: str, file: Sdl) -> list[Problem]:
    """What the address lacks of the file, or why it serves no schema."""
    try:
        served = Sdl(await served_sdl(url))
    except Unreachable as error:
        return [Problem(None, str(error))]
    except SdlError as error:
        return [Problem(None, f"the schema served at {url} does not parse: {error.message}")]
    return list(_lacking(url, file, served))


def _lacking(url: str, file: Sdl, served: Sdl) -> Iterator[Problem]:
    update = "serve what the file declares, or leave it out of the file"
    for declared in file.types.values():
        there = served.types.get(declared.name)
        if there is None or there.kind != declared.kind:
            yield Problem(
                declared.line,
                f"the type {declared.name} is not served at {url}; {update}",
                declared.name,
            )
            continue
        for name, node in {**declared.fields, **declared.values}.items():
            about = f"{declared.name}.{name}"
            other = {**there.fields, **there.values}.get(name)
            if other is None:
                yield Problem(line_of(node), f"{about} is not served at {url}; {update}", about)
            elif hasattr(node, "type") and field_signature(other) != field_signature(node):
                yield Problem(
                    line_of(node),
                    f"{about} is served at {url} as {type_text(other)} or with other arguments; "
                    "make file and subgraph the same",
                    about,
                )
