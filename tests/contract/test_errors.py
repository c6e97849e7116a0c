"""Every error code is documented, and every one is raised by some request."""

from __future__ import annotations

import re
from pathlib import Path

from resolvers import errors
from resolvers.errors import InputError, RequestError, all_codes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
ENTRY = re.compile(r"^### ([A-Z_]+)(?: \((\d+)?[^)]*\))?$(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def entries() -> dict[str, re.Match[str]]:
    return {found[1]: found for found in ENTRY.finditer(PAGE.read_text("utf-8"))}


def test_the_page_lists_every_code_and_no_other() -> None:
    assert set(entries()) == set(all_codes())


def test_each_entry_says_what_to_do() -> None:
    for code, entry in entries().items():
        cause, _, remedy = entry[3].partition("*Do:*")
        assert len(cause.strip()) > 20, code
        assert len(remedy.strip()) > 20, code


def test_the_page_tells_the_status_of_what_stops_a_request() -> None:
    for code, kind in all_codes().items():
        if issubclass(kind, RequestError | InputError) or kind.status in (401, 403, 500, 503, 504):
            told = entries()[code][2]
            expected = "400" if code == "BAD_REQUEST" else str(kind.status)
            assert told == expected, code


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\b[A-Z][A-Z_]{4,}\b", errors.__doc__ or ""))
    assert drawn == set(all_codes())
