"""What must hold before a subgraph is looked at closely: name, size, syntax, Federation 2."""

from __future__ import annotations

import re
from collections.abc import Container

from hub.federation.document import Sdl, SdlError
from hub.federation.links import NEWEST
from hub.federation.problem import Problem
from hub.federation.submission import MOST_BYTES

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'


def name_problem(name: str, own: Container[str]) -> Problem | None:
    """Why a partner cannot have this name."""
    if name in own:
        return Problem(None, f"the name {name} is the hub's own; choose another")
    if not NAME.fullmatch(name):
        return Problem(
            None,
            f"the name {name!r} does not do; take at most 63 small letters, digits, - and _, "
            "beginning with a letter",
        )
    return None


def read_sdl(text: str) -> Sdl:
    """The parsed text. Raises SdlError with its line where it cannot be taken."""
    if len(text.encode("utf-8", "surrogateescape")) > MOST_BYTES:
        raise SdlError(f"larger than {MOST_BYTES:,} bytes; hand in a smaller schema", 1)
    if wrong := re.search("[\ud800-\udfff]", text):
        raise SdlError(
            "not UTF-8; save the file in that encoding", text.count("\n", 0, wrong.start()) + 1
        )
    if not re.sub(r"#[^\n]*|[\s,\ufeff]", "", text):
        raise SdlError("empty; write the types and fields that your subgraph answers", 1)
    sdl = Sdl(text)
    if sdl.empty:
        raise SdlError("it declares no type or field; write those that your subgraph answers", 1)
    return sdl


def link_problem(sdl: Sdl) -> Problem | None:
    """Why this is no subgraph of Federation 2 that the composition takes."""
    links = sdl.links
    newest = f"v{NEWEST[0]}.{NEWEST[1]}"
    if links.federation is None:
        return Problem(1, f"no @link to Apollo Federation 2; begin the file with: {LINK}")
    if links.version is None or links.version[0] != 2 or links.version > NEWEST:
        return Problem(
            links.line,
            f"{links.federation} is no version of Federation that the hub takes; "
            f"link to v2.0 up to {newest}",
        )
    return Problem(*links.faults[0]) if links.faults else None
