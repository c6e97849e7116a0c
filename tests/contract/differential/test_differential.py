"""Every operation gives the same bytes compiled as by graphql-core's executor.

HUB_TEST_SCALE multiplies the number of operations; HUB_TEST_SEED chooses a run.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    print_ast,
)

from resolvers.errors import HubError
from resolvers.model import CATALOG
from resolvers.operation import Answer
from resolvers.reference import attach
from resolvers.stores.addresses import StoreAddresses
from schema.build import build
from tests.contract.differential.arguments import Arguments
from tests.contract.differential.comparison import Compared, Comparison
from tests.contract.differential.drafts import drafts
from tests.contract.differential.loading import loaded
from tests.contract.differential.mutator import Mutator, Operation
from tests.contract.differential.reached import leave_compiled, note_reached, readable_fields
from tests.contract.differential.shrinking import shrunk
from tests.contract.differential.world import NotingCursorKey, explore

SIZE = os.environ.get("HUB_TEST_SCALE", "1")
SCALE = 5.0 if SIZE == "full" else float(SIZE)
ONE_RUN = 392962167
"""`make test` repeats this one, so that what fails is what was changed; larger ones draw theirs."""
DRAWN = secrets.randbelow(10**9) if SCALE > 1 else ONE_RUN
SEED = int(os.environ.get("HUB_TEST_SEED", "0")) or DRAWN
OPERATIONS = max(50, int(2_000 * SCALE))
ALL_FIELDS_FROM = 1_000
"""Operations after which every field must have been reached."""

FEATURES = (
    "alias",
    "named fragment",
    "nested named fragment",
    "inline fragment",
    "inline fragment on the interface",
    "@skip",
    "@include",
    "directive with a literal",
    "directive with a variable",
    "variables",
    "variables with defaults",
    "__typename",
    "fields that merge",
    "several roots",
)


@dataclass
class Tally:
    """What a run covered."""

    run: int = 0
    invalid: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    roots: int = 0
    answered: int = 0
    """Root fields that were not null, nor an empty list or page."""
    found: int = 0
    """Root fields that were not null."""

    def add(self, operation: Operation, answer: Answer | HubError) -> None:
        self.run += 1
        self.features.update(operation.features)
        if isinstance(answer, HubError):
            self.refused[f"{answer.code}: {answer.message[:60]}"] += 1
            return
        for value in (orjson.loads(answer.body)["data"] or {}).values():
            if not isinstance(value, str):
                self.roots += 1
                self.found += value is not None
                self.answered += value is not None and value != [] and not _empty(value)

    def check(self, left: set[tuple[str, str]]) -> None:
        """The run must have been worth something."""
        assert self.invalid <= 0.05 * self.run, "the mutator makes too many invalid operations"
        assert self.refused.total() <= 0.02 * self.run, self.refused
        assert self.answered >= 0.5 * self.roots, "arguments find too little"
        rare = {f: self.features[f] for f in FEATURES if self.features[f] < 0.05 * self.run}
        assert not rare, rare
        if self.run >= ALL_FIELDS_FROM:
            assert not left, f"fields that no operation reached: {sorted(left)}"


def _empty(value: Any) -> bool:
    """Whether a page holds nothing."""
    return isinstance(value, dict) and (value.get("nodes") == [] or value.get("edges") == [])


@pytest.mark.soak
async def test_both_executors_answer_alike(
    fresh_stores: StoreAddresses, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\ndifferential: seed {SEED}, {OPERATIONS} operations")
    random = Random(SEED)
    schema = build()._schema
    attach(schema, CATALOG)
    leave_compiled(schema)
    left = readable_fields(schema)
    every = len(left)
    note_reached(schema, left)
    key = NotingCursorKey(secrets.token_bytes(16))
    tally = Tally()
    async with loaded(fresh_stores, SEED) as services:
        world = await explore(services, key)
        material = drafts(schema, max(60, OPERATIONS // 5), SEED)
        mutator = Mutator(schema, random, Arguments(random, world), left)
        comparison = Comparison(schema, services, key)
        while tally.run < OPERATIONS:
            operation = mutator.operation(random.sample(material, random.choice((1, 1, 1, 2))))
            if comparison.invalid(operation.document):
                tally.invalid += 1
                continue
            compared = await comparison.of(operation.document, operation.variables)
            tally.add(operation, compared.compiled)
            if not compared.same:
                pytest.fail(await _told(comparison, operation))
            _check_statements(compared, operation)
    with capsys.disabled():
        print(
            f"differential: {tally.run} alike, {tally.invalid} invalid, {tally.roots} root fields, "
            f"{tally.found / tally.roots:.0%} not null, {tally.answered / tally.roots:.0%} found "
            f"something, {every - len(left)} of {every} fields reached, refused {tally.refused}"
        )
        shares = {name: f"{tally.features[name] / tally.run:.0%}" for name in FEATURES}
        print(f"differential: {shares}")
    tally.check(left)


def _check_statements(compared: Compared, operation: Operation) -> None:
    """One statement per store and level: a further level begins where the way leads from one store
    to the other."""
    if isinstance(compared.compiled, HubError):
        return
    stores = Counter(run.store for run in compared.compiled.statements)
    levels = 1 + _changes_of_store(operation.document)
    assert stores["neo4j"] <= levels, print_ast(operation.document)
    assert stores["postgres"] <= levels, print_ast(operation.document)


CROSSING = ("events", "event", "history", "camera", "grid", "venue", "firm")


def _changes_of_store(document: DocumentNode) -> int:
    """The most fields on one way down that may lead from one store to the other."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }

    def deepest(node: Any) -> int:
        if isinstance(node, FragmentSpreadNode):
            return deepest(fragments[node.name.value])
        here = isinstance(node, FieldNode) and node.name.value in CROSSING
        below = node.selection_set.selections if node.selection_set else ()
        return here + max(map(deepest, below), default=0)

    return max(deepest(node) for node in document.definitions)


async def _told(comparison: Comparison, operation: Operation) -> str:
    """The smallest operation on which the executors differ, with both answers."""

    async def differs(document: DocumentNode) -> bool:
        if comparison.invalid(document):
            return False
        return not (await comparison.of(document, operation.variables)).same

    small = await shrunk(operation.document, differs)
    compared = await comparison.of(small, operation.variables)
    text = print_ast(small)
    used = {name: value for name, value in operation.variables.items() if f"${name}" in text}
    sides = [
        side.body.decode()[:3000] if isinstance(side, Answer) else f"{side.code}: {side.message}"
        for side in (compared.compiled, compared.reference)
    ]
    return (
        f"HUB_TEST_SEED={SEED}\n{text}\nvariables: {used}\n"
        f"compiled:  {sides[0]}\nreference: {sides[1]}"
    )
