"""Start one engine and wait until it really answers."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable

from hub.engines.diagnosis import diagnose
from hub.engines.engine import Engine
from hub.engines.errors import EngineError, EngineFailed, PortTaken
from hub.engines.fleet import addresses
from hub.engines.folder import last_lines
from hub.engines.ports import choose_again, is_free, listener
from hub.engines.process import ProcessNote
from hub.engines.state import running
from resolvers.stores.probes import Answer

Report = Callable[[str, str], None]


async def start(engine: Engine, started: list[Engine], report: Report) -> None:
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
        await asyncio.to_thread(check_ports, engine)
        await asyncio.to_thread(engine.prepare)
        child = spawn(engine)  # at once, so that no interruption leaves one unlisted
        started.append(engine)
    else:
        child = None
    await answering(engine, child)
    report(engine.name, "runs")


FREEING_SECONDS = 3.0
"""An engine that was killed may hold its port for a moment longer."""


def freed(port: int) -> bool:
    """Whether a port is free, or becomes so while one waits a little."""
    end = time.monotonic() + FREEING_SECONDS
    while not is_free(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def check_ports(engine: Engine) -> None:
    """Another's port is left to it: a chosen one is chosen again, a set one is an error."""
    for name in engine.port_names:
        attribute = "port" if name == engine.port_names[0] else name.partition("_")[2] + "_port"
        port = int(getattr(engine, attribute))
        if freed(port):
            continue
        if getattr(engine.settings, f"{name}_port") == 0:
            choose_again(engine.folder, name, port)
            continue
        raise PortTaken(
            f"Port {port}, where {engine.title} should listen, is taken by {listener(port)}.",
            f"End that process, or set HUB_{name.upper()}_PORT to another port.",
        )


def spawn(engine: Engine) -> "subprocess.Popen[bytes]":
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


async def answering(engine: Engine, child: "subprocess.Popen[bytes] | None") -> None:
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
