"""Apollo's own composition makes the same API of the subgraphs, and has nothing to remark."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from schema.build import DOMAINS, build, whole
from tests.contract.schema.test_build import CLIENTS, sorted_sdl

EXPLAINED: dict[str, str] = {}
"""Codes of hints that we know of, each with the reason why it stays. There is none."""


def second_opinion(subgraphs: dict[str, str]) -> dict[str, Any]:
    """What @apollo/composition makes of subgraphs."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "@apollo" / "composition").is_dir():
        pytest.skip("Node or its packages are missing: run bin/setup")
    run = subprocess.run(
        [node, str(CLIENTS / "second_opinion.mjs")],
        input=json.dumps(subgraphs),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


@pytest.fixture(scope="module")
def subgraphs() -> dict[str, str]:
    return {domain.name: build(domain.name).as_str() for domain in DOMAINS}


def test_apollo_composes_to_the_single_schema(subgraphs: dict[str, str]) -> None:
    """All but `@oneOf`, a directive of GraphQL that this library does not know and drops."""
    composed = second_opinion(subgraphs)
    assert composed["errors"] == []
    assert "oneOf" not in composed["api"]
    assert composed["api"].strip() == sorted_sdl(whole()).replace(" @oneOf {", " {").strip()


def test_each_hint_is_explained(subgraphs: dict[str, str]) -> None:
    hints = second_opinion(subgraphs)["hints"]
    assert [hint for hint in hints if hint["code"] not in EXPLAINED] == []
    assert EXPLAINED.keys() <= {hint["code"] for hint in hints}, "an explanation without a hint"


def test_hints_would_be_told(subgraphs: dict[str, str]) -> None:
    places = subgraphs["places"].replace("Global id (Relay).", "Id.")
    hints = second_opinion({**subgraphs, "places": places})["hints"]
    assert {hint["code"] for hint in hints} == {"INCONSISTENT_DESCRIPTION"}
