"""Archives of Neo4j's and Kafka's loaded classes (AppCDS), which shorten every later start.

Made once, at set-up: the engine is started on a store of its own, does a little of everything, and
writes at its end what it had loaded. Measured on 2 cores: Neo4j alone answers after 2.2 s in place
of 3.6 s. An engine starts without one too, so a failure here is told and nothing more.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hub.engines.fleet import addresses
from hub.engines.folder import DataFolder, Lock
from hub.engines.java import JavaEngine
from hub.engines.kafka import Kafka
from hub.engines.neo4j import Neo4j
from hub.engines.start import start
from hub.engines.stop import stop
from hub.settings import Settings
from resolvers.stores.rehearsal import rehearse_kafka, rehearse_neo4j

Report = Callable[[str, str], None]


async def make_archives(settings: Settings, report: Report) -> None:
    """Make the archives that are missing and were not tried before; one set-up at a time."""
    kinds = [
        kind
        for kind in (Neo4j, Kafka)
        if not _tried(engine := kind(settings, DataFolder(settings.data))) and not engine.external
    ]
    if not kinds:
        return
    async with Lock(settings.engines / "lock").held():
        folder = Path(tempfile.mkdtemp(prefix="city-hub-rehearsal-"))
        ports = {"neo4j_port": 0, "kafka_port": 0, "kafka_controller_port": 0}
        own = settings.model_copy(update={"data": folder, **ports})
        try:
            for kind in kinds:
                engine = kind(own, DataFolder(folder))
                if not _tried(engine):
                    await _record(engine, report)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _tried(engine: JavaEngine) -> bool:
    return engine.archive.exists() or _refusal(engine).exists()


def _refusal(engine: JavaEngine) -> Path:
    return engine.archive.with_suffix(".failed")


async def _record(engine: JavaEngine, report: Report) -> None:
    """One start, a rehearsal, and a stop at which the JVM writes the archive."""
    report(engine.name, "preparing quick starts")
    engine.recording = engine.folder.path / f"{engine.name}.jsa"
    error: Exception | None = None
    try:
        await start(engine, [], lambda name, text: None)
        rehearse = rehearse_neo4j if isinstance(engine, Neo4j) else rehearse_kafka
        await rehearse(addresses(engine.settings))
    except Exception as failure:
        error = failure
    finally:
        await stop(engine)
    if error is None and engine.recording.exists():
        draft = engine.archive.with_suffix(".draft")
        shutil.move(engine.recording, draft)
        draft.chmod(0o644)
        draft.replace(engine.archive)
        report(engine.name, "quick starts are prepared")
        return
    _refusal(engine).write_text(f"{error}\n")
    report(engine.name, f"starts without a class archive ({error})")
