"""How each engine is."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from hub.engines.engine import Engine
from hub.engines.fleet import addresses, engines_of
from hub.engines.folder import size_on_disk
from hub.engines.process import ProcessNote, with_arguments
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses


@dataclass(frozen=True, slots=True)
class EngineState:
    """What `hub status` tells of one engine."""

    name: str
    title: str
    state: str
    """running; starting or stuck: `unreachable`; `stopped`; `external` when another's."""
    version: str | None
    address: str
    pid: int | None
    size_bytes: int | None
    log: Path | None
    error: str | None


async def status(settings: Settings) -> list[EngineState]:
    """How each engine is; asks them all at once."""
    at = addresses(settings)
    return list(
        await asyncio.gather(*(_status(engine, at) for engine in engines_of(settings).values()))
    )


async def _status(engine: Engine, at: StoreAddresses) -> EngineState:
    answer = await engine.probe(at)
    if engine.external:
        state = "external" if answer.answers else "unreachable"
        told = None if answer.answers else answer.error
        return EngineState(
            engine.name, engine.title, state, answer.version, answer.address, None, None, None, told
        )
    process = await asyncio.to_thread(running, engine)
    if process is None:
        state, told = "stopped", None
    else:
        state = "running" if answer.answers else "unreachable"
        told = None if answer.answers else answer.error
    return EngineState(
        name=engine.name,
        title=engine.title,
        state=state,
        version=answer.version or engine.version,
        address=answer.address,
        pid=process.pid if process else None,
        size_bytes=await asyncio.to_thread(size_on_disk, engine.home),
        log=engine.folder.log(engine.name),
        error=told,
    )


def running(engine: Engine) -> ProcessNote | None:
    """The engine's process, if it runs."""
    noted = ProcessNote.read(engine.note)
    if noted is not None:
        return noted
    found = with_arguments(engine.signature)
    if found is not None:
        found.write(engine.note)
    else:
        engine.note.unlink(missing_ok=True)
    return found
