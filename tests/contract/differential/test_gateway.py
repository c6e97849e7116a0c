"""Every operation gives the same answer through the gateway as from the single process: data with
the order of its keys, and errors with messages, paths and codes.

HUB_TEST_SCALE multiplies the number of operations; HUB_TEST_SEED repeats a run.
"""

from __future__ import annotations

from contextlib import ExitStack
from random import Random
from typing import Any

import httpx
import pytest
from graphql import print_ast, validate

from hub.keys import Keys
from resolvers.stores.addresses import StoreAddresses
from schema.build import build
from tests.contract.differential.arguments import Arguments
from tests.contract.differential.drafts import drafts
from tests.contract.differential.loading import loaded
from tests.contract.differential.mutator import Mutator
from tests.contract.differential.reached import leave_compiled, readable_fields
from tests.contract.differential.test_differential import SCALE, SEED
from tests.contract.differential.world import NotingCursorKey, explore
from tests.contract.federated import federated
from tests.contract.live import live_hub, when
from tests.contract.service import serving

OPERATIONS = max(20, int(100 * SCALE))


@pytest.mark.soak
async def test_the_gateway_answers_like_the_single_process(
    fresh_stores: StoreAddresses,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path_factory.mktemp("gateway")
    random = Random(SEED)
    schema = build()._schema
    leave_compiled(schema)
    left = readable_fields(schema)
    key = NotingCursorKey(Keys(data / "keys").cursor)
    refused = errors = spoiled = 0
    async with loaded(fresh_stores, SEED) as services:
        with ExitStack() as running:
            single = running.enter_context(serving(live_hub(data, fresh_stores)))
            through = running.enter_context(federated(data, fresh_stores)).service
            await when(single, lambda report: report["projector"]["lag"] == 0)
            await when(through, lambda report: report["projector"]["lag"] == 0)
            world = await explore(services, key)
            material = drafts(schema, max(60, OPERATIONS // 5), SEED)
            mutator = Mutator(schema, random, Arguments(random, world), left)
            headers = single.signed_in(roles=["steward"])
            async with httpx.AsyncClient(headers=headers, timeout=60) as client:
                run = 0
                while run < OPERATIONS:
                    operation = mutator.operation(
                        random.sample(material, random.choice((1, 1, 1, 2)))
                    )
                    if validate(schema, operation.document):
                        continue
                    run += 1
                    body = {
                        "query": print_ast(operation.document),
                        "variables": operation.variables,
                    }
                    answers = [
                        compared((await client.post(f"{url}/graphql", json=body)).json())
                        for url in (single.url, through.url)
                    ]
                    if known(body["query"], answers[1]):
                        spoiled += 1
                        continue
                    refused += answers[0]["data"] is None
                    errors += bool(answers[0]["errors"])
                    assert told(answers[0]) == told(answers[1]), (
                        f"HUB_TEST_SEED={SEED}\n{body['query']}\n{body['variables']}"
                    )
    with capsys.disabled():
        print(
            f"\ngateway: seed {SEED}, {run} operations alike, {refused} of them refused, {errors} "
            f"with errors, {spoiled} that the gateway itself spoiled"
        )
    assert spoiled <= run * 0.05


def known(query: str, answer: dict[str, Any]) -> bool:
    """A fault of the gateway's own: it fails at a field that is selected twice, once of them with
    a literal that leaves it out (docs/federation.md)."""
    left_out = "@skip(if: true)" in query or "@include(if: false)" in query
    return left_out and [error[0] for error in answer["errors"]] == ["Unexpected error."]


def compared(body: dict[str, Any]) -> dict[str, Any]:
    """What must be the same of an answer: all but locations, and extensions beside the code."""
    return {
        "data": body.get("data"),
        "errors": [
            (error["message"], error.get("path"), error["extensions"]["code"])
            for error in body.get("errors", [])
        ],
    }


def told(value: Any) -> str:
    """Text in which the order of keys counts; a number is the same as 6 and as 6.0 (JSON)."""
    return repr(numbers_alike(value))


def numbers_alike(value: Any) -> Any:
    """The value with whole numbers as `int`."""
    if isinstance(value, dict):
        return {key: numbers_alike(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [numbers_alike(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
