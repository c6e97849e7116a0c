"""The page's example queries: valid, and answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse, validate
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import OperationDefinitionNode

import hub.graphiql_page
from hub.app import whole_schema
from tests.contract.service import Service
from tests.small_district import grid_code

EXAMPLES = Path(hub.graphiql_page.__file__).parent / "graphiql" / "src" / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.graphql"))
VARIABLES = json.loads((EXAMPLES / "variables.json").read_text("utf-8"))
HERE: dict[str, dict[str, Any]] = {
    "venue": {"code": "V7"},
    "grid": {"code": grid_code(3)},
    "licences": {"from": "2029-01-01", "to": "2029-12-31", "within": ["370202"]},
    "search": {"text": "香港中路"},
}
"""What the small district has, in place of the demo's codes."""


def test_there_are_variables_for_each() -> None:
    assert sorted(VARIABLES) == NAMES
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_the_schema(name: str) -> None:
    schema = whole_schema()
    document = parse((EXAMPLES / f"{name}.graphql").read_text("utf-8"))
    assert validate(schema, document) == []
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = get_variable_values(schema, operation.variable_definitions or (), VARIABLES[name])
    assert isinstance(values, VariableValues), values


@pytest.mark.parametrize("name", [name for name in NAMES if name != "change"])
async def test_it_is_answered(live: Service, name: str) -> None:
    request = {
        "query": (EXAMPLES / f"{name}.graphql").read_text("utf-8"),
        "variables": HERE.get(name, VARIABLES[name]),
    }
    async with httpx.AsyncClient(base_url=live.url) as client:
        answer = await client.post("/graphql", json=request, headers=live.signed_in())
    body = answer.json()
    assert "errors" not in body, body
    [root] = body["data"].values()
    assert root
    if isinstance(root, dict) and "nodes" in root:
        assert root["nodes"]
