"""Start, watch and stop the engines of one data folder.

An engine is a process of its own, in its own session, so it outlives the shell that started it;
`hub down` finds it again by its note, or, where the note is lost, by its arguments.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.engines.diagnosis import diagnose
from hub.engines.engine import Engine
from hub.engines.errors import EngineError, EngineFailed, PortTaken
from hub.engines.folder import DataFolder, last_lines, size_on_disk
from hub.engines.install import install
from hub.engines.kafka import USER as KAFKA_USER
from hub.engines.kafka import Kafka
from hub.engines.neo4j import Neo4j
from hub.engines.ports import choose_again, is_free, listener
from hub.engines.postgres import Postgres
from hub.engines.process import ProcessNote, with_arguments
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import Answer

NAMES = ("neo4j", "postgres", "kafka")
Report = Callable[[str, str], None]


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


def engines_of(settings: Settings) -> dict[str, Engine]:
    """The three engines, by name."""
    folder = DataFolder(settings.data)
    return {kind.name: kind(settings, folder) for kind in (Neo4j, Postgres, Kafka)}


def addresses(settings: Settings) -> StoreAddresses:
    """Where the stores are, started ones and those that settings point at."""
    folder = DataFolder(settings.data)
    neo4j, postgres, kafka = (
        Neo4j(settings, folder),
        Postgres(settings, folder),
        Kafka(settings, folder),
    )
    given = settings.postgres_url
    return StoreAddresses(
        neo4j_url=settings.neo4j_url or f"bolt://127.0.0.1:{neo4j.port}",
        neo4j_user=settings.neo4j_user if neo4j.external else "neo4j",
        neo4j_password=(
            (settings.neo4j_password.get_secret_value() if settings.neo4j_password else "")
            if neo4j.external
            else neo4j.password
        ),
        postgres_service_dsn=given or postgres.dsn("hub_service"),
        postgres_owner_dsn=(settings.postgres_owner_url or given or postgres.dsn("hub_owner")),
        postgres_auditor_dsn=(
            settings.postgres_auditor_url or given or postgres.dsn("hub_auditor")
        ),
        kafka_servers=settings.kafka_servers or f"127.0.0.1:{kafka.port}",
        kafka_user=settings.kafka_user if kafka.external else KAFKA_USER,
        kafka_password=(
            (settings.kafka_password.get_secret_value() if settings.kafka_password else None)
            if kafka.external
            else kafka.password
        ),
        kafka_tls=settings.kafka_tls and kafka.external,
    )


async def up(
    settings: Settings,
    names: Iterable[str] = NAMES,
    report: Report = lambda engine, text: None,
) -> list[str]:
    """Start the engines that do not run yet and wait until each answers.

    Gives the names of those started now. Raises EngineError; engines that this call started are
    stopped again then.
    """
    wanted = [engine for name, engine in engines_of(settings).items() if name in set(names)]
    await asyncio.to_thread(install, settings, report)
    started: list[Engine] = []
    lock = DataFolder(settings.data).locked()
    await asyncio.to_thread(lock.__enter__)
    try:
        async with asyncio.TaskGroup() as group:
            for engine in wanted:
                group.create_task(_up(engine, started, report))
    except BaseExceptionGroup as failures:
        await asyncio.gather(*(_stop(engine) for engine in started))
        first = failures.exceptions[0]
        raise first from None
    except asyncio.CancelledError:
        await asyncio.gather(*(_stop(engine) for engine in started))
        raise
    finally:
        lock.__exit__(None, None, None)
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
    lock = DataFolder(settings.data).locked()
    await asyncio.to_thread(lock.__enter__)
    try:
        stopped = await asyncio.gather(*(_stop(engine, report) for engine in wanted))
    finally:
        lock.__exit__(None, None, None)
    return [engine.name for engine, ran in zip(wanted, stopped, strict=True) if ran]


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


async def _up(engine: Engine, started: list[Engine], report: Report) -> None:
    if engine.external:
        answer = await engine.probe(addresses(engine.settings))
        if not answer.answers:
            setting = f"HUB_{engine.external_setting.upper()}"
            raise EngineError(
                f"{engine.title} at {answer.address} does not answer: {answer.error}",
                f"Check {setting}; leave it empty to have one started here.",
            )
        report(engine.name, "is another's and answers")
        return
    process = await asyncio.to_thread(running, engine)
    if process is None:
        report(engine.name, "starting")
        await asyncio.to_thread(_check_ports, engine)
        await asyncio.to_thread(engine.prepare)
        child = _spawn(engine)  # at once, so that no interruption leaves one unlisted
        started.append(engine)
    else:
        child = None
    await _answering(engine, child)
    report(engine.name, "runs")


def _check_ports(engine: Engine) -> None:
    """Another's port is left to it: a chosen one is chosen again, a set one is an error."""
    for name in engine.port_names:
        attribute = "port" if name == engine.port_names[0] else name.partition("_")[2] + "_port"
        port = int(getattr(engine, attribute))
        if is_free(port):
            continue
        if getattr(engine.settings, f"{name}_port") == 0:
            choose_again(engine.folder, name)
            continue
        raise PortTaken(
            f"Port {port}, where {engine.title} should listen, is taken by {listener(port)}.",
            f"End that process, or set HUB_{name.upper()}_PORT to another port.",
        )


def _spawn(engine: Engine) -> "subprocess.Popen[bytes]":
    run = engine.run()
    with engine.folder.rotate(engine.name).open("wb") as log:
        os.fchmod(log.fileno(), 0o600)
        try:
            child = subprocess.Popen(
                run.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment() | run.environment,
                start_new_session=True,
                user=run.uid,
                group=run.gid,
                extra_groups=[] if run.uid is not None else None,
                umask=0o077,
            )
        except OSError as error:
            raise EngineError(
                f"{engine.title} could not be started: {error}.", "Run make setup again."
            ) from error
    note = ProcessNote.of(child.pid)
    if note is not None:
        note.write(engine.note)
    return child


def _environment() -> dict[str, str]:
    """Ours, without what is meant for the hub alone or changes a JVM behind its back."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUB_", "PG", "KAFKA_", "NEO4J_")) and name != "_JAVA_OPTIONS"
    }


async def _answering(engine: Engine, child: "subprocess.Popen[bytes] | None") -> None:
    """Wait until the engine answers; raises EngineFailed if it ends or takes too long."""
    end = time.monotonic() + engine.settings.engine_start_seconds
    at = addresses(engine.settings)
    pause = 0.1
    answer: Answer | None = None
    while time.monotonic() < end:
        if child is not None and child.poll() is not None:
            break
        if child is None and await asyncio.to_thread(running, engine) is None:
            break
        answer = await engine.probe(at)
        if answer.answers:
            if child is not None:
                child.returncode = child.returncode or 0  # it lives on without us
            return
        if answer.refused:
            break
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, 0.5)
    raise _failure(engine, child, answer)


def _failure(
    engine: Engine, child: "subprocess.Popen[bytes] | None", answer: Answer | None
) -> EngineFailed:
    log = engine.folder.log(engine.name)
    lines = last_lines(log)
    hints = [*lines, answer.error] if answer and answer.refused and answer.error else lines
    code = child.poll() if child is not None else None
    cause, remedy = diagnose(engine.settings, engine.folder.path, hints, code)
    return EngineFailed(f"{engine.title} did not start. {cause}", remedy, str(log), lines)


async def _stop(engine: Engine, report: Report = lambda engine, text: None) -> bool:
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
