"""All audits of npm's `graphql-http`: the GraphQL-over-HTTP draft, checked by its reference.

Against the single process, each subgraph, and the gateway, over the same stores.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from hub.federation.subgraph import own_names
from resolvers.stores.addresses import StoreAddresses
from tests.contract.federated import federated
from tests.contract.live import live_hub, when
from tests.contract.service import serving

CLIENTS = Path(__file__).resolve().parents[1] / "clients"

FAILING: dict[str, str] = {}
"""Audits that the gateway itself fails, by id, each with the reason. There is none."""

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "graphql-http").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def urls(
    fresh_stores: StoreAddresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, str]]:
    """Addresses of all that answers GraphQL."""
    data = tmp_path_factory.mktemp("audits")
    with ExitStack() as running:
        single = running.enter_context(serving(live_hub(data, fresh_stores)))
        federation = running.enter_context(federated(data, fresh_stores))
        await when(single, lambda report: report["projector"]["lag"] == 0)
        subgraphs = {name: each.url for name, each in federation.subgraphs.items()}
        yield {"single process": single.url, "gateway": federation.url, **subgraphs}


@pytest.mark.parametrize("what", ["single process", "gateway", *own_names()])
def test_all_audits_pass(urls: dict[str, str], what: str) -> None:
    done = subprocess.run(
        ["node", str(CLIENTS / "audits.mjs"), f"{urls[what]}/graphql"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    audits = json.loads(done.stdout)
    failed = {
        each["id"]: f"{each['name']}: {each['reason']}" for each in audits if each["status"] != "ok"
    }
    known = FAILING if what == "gateway" else {}
    assert {id: told for id, told in failed.items() if id not in known} == {}
    assert known.keys() <= failed.keys(), "an explanation of an audit that passes"
    assert len(audits) >= 60
    print(f"{what}: {len(audits) - len(failed)} of {len(audits)} audits passed")
