"""`hub demo`: everything at once, for a first look; stops at the end what it started."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import typer

from hub.commands.progress import lines
from hub.engines import down, up
from hub.settings import Settings

app = typer.Typer()


@app.command()
def demo() -> None:
    """Start the engines, load the sample district, serve it; Ctrl-C stops it all."""
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
                await serve(settings)
            finally:
                await asyncio.shield(stop(settings, started))


async def load(settings: Settings) -> None:
    """Load the sample district, unless it is there."""


async def serve(settings: Settings) -> None:
    """Serve until cancelled."""
    await asyncio.Event().wait()


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
