"""Start and stop the engines of one data folder together.

An engine is a process of its own, in its own session, so it outlives the shell that started it;
`hub down` finds it again by its note, or, where the note is lost, by its arguments.
"""

import asyncio
from collections.abc import Callable, Iterable

from hub.engines.archive import make_archives
from hub.engines.engine import Engine
from hub.engines.fleet import NAMES, engines_of
from hub.engines.folder import DataFolder
from hub.engines.install import install
from hub.engines.start import start
from hub.engines.stop import stop
from hub.settings import Settings

Report = Callable[[str, str], None]


async def up(
    settings: Settings,
    names: Iterable[str] = NAMES,
    report: Report = lambda engine, text: None,
) -> list[str]:
    """Start the engines that do not run yet and wait until each answers.

    Gives the names of those started now. Raises EngineError; engines that this call started are
    stopped again then, and likewise when it is cancelled.
    """
    wanted = [engine for name, engine in engines_of(settings).items() if name in set(names)]
    if not all(engine.external for engine in wanted):
        await asyncio.to_thread(install, settings, report)
        await make_archives(settings, report)
    started: list[Engine] = []
    async with DataFolder(settings.data).lock().held():
        try:
            async with asyncio.TaskGroup() as group:
                for engine in wanted:
                    group.create_task(start(engine, started, report))
        except BaseException as failure:
            await asyncio.gather(*(stop(engine) for engine in started))
            if isinstance(failure, BaseExceptionGroup):
                raise failure.exceptions[0] from None
            raise
    return [engine.name for engine in started]


async def down(
    settings: Settings,
    names: Iterable[str] = NAMES,
    report: Report = lambda engine, text: None,
) -> list[str]:
    """Stop the running engines; gives the names of those that ran."""
    wanted = [engine for name, engine in engines_of(settings).items() if name in set(names)]
    if not settings.data.exists():
        return []
    async with DataFolder(settings.data).lock().held():
        stopped = await asyncio.gather(*(stop(engine, report) for engine in wanted))
    return [engine.name for engine, ran in zip(wanted, stopped, strict=True) if ran]
