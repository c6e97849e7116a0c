"""Events for a demo: an ingest process, and made-up detections at a gentle rate."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from hub.engines import addresses
from hub.federation.processes import Program, kept_running
from hub.ingest.generated import send_generated
from hub.ingest.patience import Patience
from hub.settings import Settings

RATE = 1.0
"""Detections a second."""
SEED = 1


def ingest_program(settings: Settings) -> Program:
    """`hub ingest` as a process to keep running."""
    start = "from hub.commands import main; main()"
    return Program(
        "ingest", (sys.executable, "-c", start, "ingest"), settings.data / "logs" / "ingest.log"
    )


@asynccontextmanager
async def events_flowing(settings: Settings) -> AsyncIterator[None]:
    """Let events of the district's cameras happen for the length of the block."""
    async with kept_running((ingest_program(settings),)):
        sending = asyncio.create_task(_send(settings), name="made-up detections")
        try:
            yield
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending


async def _send(settings: Settings) -> None:
    patience = Patience("made-up detections")
    while True:
        try:
            await send_generated(settings, addresses(settings), rate=RATE, seed=SEED)
        except Exception as error:
            await patience.wait(error)
