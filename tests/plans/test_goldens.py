"""Every operation compiles to the statement and parameters in its file, and gives its answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import pytest_asyncio
from graphql import parse, validate

from resolvers.cursors import CursorKey
from resolvers.errors import HubError
from resolvers.execute import Executor
from resolvers.model import CATALOG
from resolvers.operation import Wanted
from resolvers.params import Binding
from resolvers.reference import attach
from resolvers.rights import ANONYMOUS, Caller, rights_of
from resolvers.stores.addresses import StoreAddresses
from schema.build import build
from tests.contract.differential.comparison import parsed
from tests.event_rows import store_versions
from tests.plans import tiny
from tests.plans.golden import Golden, shown, wrapped
from tests.plans.stores import stores_with

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.md"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def executor(fresh_stores: StoreAddresses) -> AsyncIterator[Executor]:
    """An executor over the tiny data set, with a cursor key that is always the same."""
    schema = build()._schema
    attach(schema, CATALOG)
    batches = [tiny.DIVISIONS, tiny.RECORDS]
    async with stores_with(fresh_stores, batches, [tiny.RETIRED]) as stores:
        await store_versions(stores.postgres, tiny.EVENTS)
        stores.services.zone = "Asia/Shanghai"
        yield Executor(schema, CATALOG, stores.services, CursorKey(b"a key for goldens"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_plan_is_as_written(
    path: Path, executor: Executor, request: pytest.FixtureRequest
) -> None:
    golden = Golden.read(path)
    made = await _made(golden, executor)
    if request.config.getoption("--update-goldens"):
        golden.write(made)
        return
    assert golden.matches(made), (
        f"{path.relative_to(HERE)} differs; if that is meant, run "
        "`pytest tests/plans --update-goldens` and read the difference:\n"
        + "\n".join(f"--- {name}\n{text}" for name, text in made.items())
    )


async def test_goldens_keep_both_executors_alike(executor: Executor) -> None:
    for path in FILES:
        golden = Golden.read(path)
        document = parsed(parse(golden.sections["graphql"]))
        rights = rights_of(_caller(golden), CATALOG)
        want = Wanted("test", reference=True)
        try:
            answer = await executor.execute(document, None, golden.variables, rights, want)
        except HubError:
            continue
        assert shown(orjson.loads(answer.body)) == golden.sections["json answer"].strip(), path


def test_every_domain_has_its_goldens() -> None:
    domains = {entity.domain for entity in CATALOG} | {"directory", "events"}
    counts = {domain: len(list((HERE / domain).glob("*.md"))) for domain in domains}
    assert all(count >= 3 for count in counts.values()), counts


def _caller(golden: Golden) -> Caller:
    anonymous = golden.sections.get("text caller", "").strip() == "anonymous"
    return ANONYMOUS if anonymous else Caller("reader")


async def _made(golden: Golden, executor: Executor) -> dict[str, str]:
    """The sections as the compiler and the stores make them now."""
    ast = parse(golden.sections["graphql"])
    assert not validate(executor.schema, ast)
    document, rights = parsed(ast), rights_of(_caller(golden), CATALOG)
    operation = document.operation(None)
    values = executor.coerce(operation, golden.variables)
    plan = executor.plan(document, operation, values)
    made = {"cypher": wrapped(plan.statement)}
    services = executor.services
    binding = Binding(
        values.coerced, rights, executor.cursor_key, services.placement, services.zone
    )
    try:
        made["json parameters"] = shown(plan.bind(binding, executor.limits))
        answer = await executor.execute(document, None, golden.variables, rights, Wanted("test"))
    except HubError as error:
        made["json answer"] = shown({"errors": [error.as_dict()]})
        return made
    for store, section in (("neo4j", "cypher"), ("postgres", "sql")):
        texts = [run.text for run in answer.statements if run.store == store]
        made[section] = "\n\n".join(wrapped(text) for text in texts)
    assert made["cypher"].startswith(wrapped(plan.statement))
    made["json answer"] = shown(orjson.loads(answer.body))
    return made
