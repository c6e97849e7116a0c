"""`hub demo`: everything at once, for a first look; stops at the end what it started."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import typer

from hub.commands.load import progress_of
from hub.commands.load import run as load_files
from hub.commands.progress import lines
from hub.context import issuer_of
from hub.district.profile import load_profile
from hub.engines import addresses, down, up
from hub.generate.run import generate
from hub.generate.scale import SCALES
from hub.ingest.flowing import events_flowing
from hub.keys import Keys
from hub.load.plan import make_plan
from hub.load.reject_file import RejectFile
from hub.logs import set_up_logs
from hub.server import bound, serve_until_cancelled, url_of
from hub.settings import Settings
from hub.stores import Stores
from resolvers.model import CATALOG

app = typer.Typer()

DISTRICT = "shinan"
SEED = 1
AGAIN = "{ grids(first: 3) { nodes { code name } } }"
PAGE = "Its page, with the same address but for /graphql, takes queries.\n"
EXAMPLE = """{
  venues(first: 1, filter: {kind: {eq: EATERY}, status: {eq: OPEN}}) {
    nodes {
      code
      name
      path { name }
      operator { name licences(first: 2) { nodes { kind { name } status expiresOn } } }
    }
  }
}"""


@app.command()
def demo() -> None:
    """Start the engines, load the sample district, serve it; Ctrl-C stops it all."""
    set_up_logs("warning")
    asyncio.run(run(Settings()))


async def run(settings: Settings) -> None:
    """Up, load, serve, until a signal comes; then down, whatever had been reached."""
    with contextlib.suppress(asyncio.CancelledError):
        async with stopped_by_signal():
            started: list[str] = []
            try:
                with lines() as report:
                    started = await up(settings, report=report)
                await load(settings)
                async with events_flowing(settings):
                    await serve(settings)
            finally:
                await asyncio.shield(stop(settings, started))


async def load(settings: Settings) -> None:
    """Load the sample district, unless this store holds as many records already."""
    sample = settings.data / "sample"
    stores = await Stores.open(addresses(settings), CATALOG)
    try:
        await stores.prepare(CATALOG)
        held = await stores.postgres.fetchval("select count(*) from entities")
    finally:
        await stores.close()
    if held >= SCALES["demo"].total:
        return
    if not (sample / "manifest.yaml").exists():
        profile = load_profile(DISTRICT)
        today = datetime.now(profile.zone).date()
        counts = generate(profile, SCALES["demo"], SEED, today, sample)
        typer.echo(f"Made up {sum(counts.values()):,} records with seed {SEED} in {sample}")
    plan = make_plan(sample, None, None)
    with RejectFile(sample / "rejects.csv") as rejects, progress_of(plan) as advance:
        summary = await load_files(settings, plan, rejects, advance=advance)
    if summary.graph == "BEHIND":
        typer.echo("The graph is behind the change log; it catches up while the hub runs.")
    typer.echo(f"Loaded {summary.total('rows'):,} records in {summary.seconds:.0f} s")


async def serve(settings: Settings) -> None:
    """Serve until cancelled; say how to use it as soon as it answers."""
    listening = bound(settings.host, settings.port)
    url = url_of(listening)
    serving = asyncio.create_task(serve_until_cancelled(settings, listening))
    greeting = asyncio.create_task(greet(settings, url))
    try:
        await serving
    finally:
        greeting.cancel()
        serving.cancel()
        await asyncio.wait((greeting, serving))


async def greet(settings: Settings, url: str, more: str = PAGE) -> None:
    """Print the address, a steward's token, a query with its answer, and how to stop."""
    issuer = issuer_of(settings, Keys(settings.data / "keys"))
    token = issuer.issue("demo-steward", roles=("steward",), hours=24 * 7)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        while True:
            try:
                answer = await client.post("/graphql", json={"query": EXAMPLE})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200 and answer.json().get("data"):
                break
            await asyncio.sleep(0.5)
    shown = json.dumps(answer.json()["data"], ensure_ascii=False, indent=2)
    typer.echo(
        f"""
City Hub is at {url}/graphql  (all but the division names is generated)
{more}
A steward's token, good for a week:
{token}

A query:
{EXAMPLE}
and its answer:
{shown}

Ask it again:  .venv/bin/hub query --url {url} --token TOKEN '{AGAIN}'
To stop:       Ctrl-C here (the data stays in {settings.data}; `make clean-demo` forgets it)
"""
    )


async def stop(settings: Settings, started: list[str]) -> None:
    """Stop the engines that this demo started; ones that ran before go on."""
    if started:
        with lines() as report:
            await down(settings, started, report)


@contextlib.asynccontextmanager
async def stopped_by_signal() -> AsyncIterator[None]:
    """Cancel the body at the first SIGINT, SIGTERM or SIGHUP; more of them change nothing."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    got: list[signal.Signals] = []

    def handle(number: signal.Signals) -> None:
        if not got:
            got.append(number)
            task.cancel()

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, handle, number)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
