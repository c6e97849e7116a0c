"""docs/streams.md tells of every close code and every error code that a stream can end with."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import build_schema, parse, validate

import hub.delivery.connection
import hub.delivery.websocket
from resolvers.errors import BadRequest, WriteError, all_codes
from schema.build import whole
from tests.unit.test_docs import PROJECT, blocks, read

PAGE = read("docs/streams.md")
OF_THE_TRANSPORT = {1006, 1009}
"""No code came at all; and the one that the WebSocket library sends itself."""
NOT_OF_STREAMS = {
    "CODE_INVALID",
    "COORDINATES_INVALID",
    "DEADLINE_EXCEEDED",
    "PAGE_SIZE_INVALID",
    "POLYGON_INVALID",
}
"""Beside those of mutations: of queries, or of arguments in a filter, as errors.md tells."""


def test_every_close_code_is_told_and_no_other() -> None:
    of_code = {
        value
        for module in (hub.delivery.connection, hub.delivery.websocket)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int) and 1000 <= value < 5000
    }
    told = re.findall(r"^\| (\d{4}) \|", PAGE, re.MULTILINE)
    assert len(of_code) >= 10
    assert sorted(map(int, told)) == sorted(of_code | OF_THE_TRANSPORT)


def test_codes_are_sent_by_name() -> None:
    """A number in a call would not be found above."""
    for file in (PROJECT / "hub" / "delivery").glob("*.py"):
        text = file.read_text("utf-8")
        assert not re.search(r"(?:close\(|\"code\": )\d{4}", text), file.name


def test_every_error_code_is_told_with_its_status() -> None:
    of_code = {
        code: str(kind.status)
        for code, kind in all_codes().items()
        if not issubclass(kind, WriteError) and code not in NOT_OF_STREAMS
    } | {BadRequest.code: str(BadRequest.status)}  # it has kinds of other statuses
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d{3}) \|", PAGE, re.MULTILINE))
    assert told == of_code


def test_its_operations_fit_the_schema() -> None:
    schema = build_schema(whole().as_str())
    shown = blocks(PAGE, "graphql")
    assert len(shown) >= 3
    for document in shown:
        assert validate(schema, parse(document)) == []


def test_the_examples_stop_on_the_codes_that_the_page_says() -> None:
    stop = set(re.findall(r"^\| (\d{4}) \|[^|]*\| stop", PAGE, re.MULTILINE))
    again = set(re.findall(r"^\| `([A-Z_]+)` \|[^|]*\| (?:come|close)", PAGE, re.MULTILINE))
    for name in ("follow.py", "hub.mjs"):
        text = (Path(PROJECT) / "docs" / "examples" / name).read_text("utf-8")
        listed = re.search(r"(?:FOR_EVER = \{|forEver = new Set\(\[)([\d, ]+)", text)
        assert listed is not None
        assert set(listed[1].split(", ")) == stop, name
        assert again <= set(re.findall(r"['\"]([A-Z_]{5,})['\"]", text)), name
