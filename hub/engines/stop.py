"""Stop one engine."""

import asyncio
import signal
import time
from collections.abc import Callable

from hub.engines.engine import Engine
from hub.engines.state import running

Report = Callable[[str, str], None]


async def stop(engine: Engine, report: Report = lambda engine, text: None) -> bool:
    """Stop one engine, by force if it takes too long; whether it ran."""
    if engine.external:
        return False
    process = await asyncio.to_thread(running, engine)
    if process is None:
        return False
    report(engine.name, "stopping")
    process.signal(engine.stop_signal)
    end = time.monotonic() + engine.settings.engine_stop_seconds
    while process.lives():
        if time.monotonic() > end:
            process.signal(signal.SIGKILL)
            end += engine.settings.engine_stop_seconds
        await asyncio.sleep(0.05)
    engine.note.unlink(missing_ok=True)
    report(engine.name, "stopped")
    return True
