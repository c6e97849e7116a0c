"""The Java that Neo4j and Kafka run on."""

import functools
import os
import re
import shutil
import subprocess
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from hub.engines.engine import Engine, Run
from hub.engines.errors import EngineError
from hub.engines.folder import DataFolder
from hub.engines.software import Software
from hub.settings import Settings

LEAST = 17
REMEDY = f"Install Java {LEAST} or newer (Debian 12: apt-get install openjdk-17-jre-headless)"


def find_java(settings: Settings) -> str:
    """The java program to run. Raises EngineError if there is none or it is too old."""
    home = os.environ.get("JAVA_HOME")
    if settings.java is not None:
        java: str | None = shutil.which(settings.java)
    elif home and (Path(home) / "bin" / "java").exists():
        java = str(Path(home) / "bin" / "java")
    else:
        java = shutil.which("java")
    if java is None:
        raise EngineError("No java program was found.", f"{REMEDY}, or set HUB_JAVA.")
    version = java_version(java)
    if int(version.split(".")[0]) < LEAST:
        raise EngineError(
            f"{java} is Java {version}; Neo4j and Kafka need {LEAST} or newer.",
            f"{REMEDY}, or set HUB_JAVA to a newer one.",
        )
    return java


@functools.cache
def java_version(java: str) -> str:
    """What `java -version` says, such as 17.0.15."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f"{java} does not run: {error}.", REMEDY + ".") from error
    found = re.search(r'version "(?:1\.)?([\d.]+)', told.stderr + told.stdout)
    if found is None:
        raise EngineError(f"{java} does not tell its version.", REMEDY + ".")
    return found.group(1)


def class_path(folder: Path) -> str:
    """The jars of a folder in one fixed order, which a class archive depends on."""
    return os.pathsep.join(sorted(str(jar) for jar in folder.glob("*.jar")))


class JavaEngine(Engine):
    """An engine made of jars."""

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        super().__init__(settings, folder)
        self.software = Software(settings.engines)
        self.recording: Path | None = None
        """Where this run writes the classes it loaded, at its end (hub.engines.archive)."""

    @property
    def version(self) -> str:
        return self.software.version(self.name)

    @property
    def class_path(self) -> str:
        """Its jars."""
        return class_path(self.software.jars(self.name))

    @property
    def archive(self) -> Path:
        """Its loaded classes as the present Java maps them (AppCDS)."""
        version = java_version(find_java(self.settings))
        return self.software.home(self.name) / f"classes-{version}.jsa"

    @abstractmethod
    def program(self) -> Sequence[str]:
        """Flags of the JVM, the main class and its arguments."""

    @property
    @abstractmethod
    def heap(self) -> str:
        """Size of its heap, such as 256m."""

    def run(self) -> Run:
        archive: list[str] = []
        if self.recording is not None:
            archive = [f"-XX:ArchiveClassesAtExit={self.recording}"]
        elif self.archive.exists():
            archive = [f"-XX:SharedArchiveFile={self.archive}"]
        return Run(
            [
                find_java(self.settings),
                f"-Xms{self.heap}",
                f"-Xmx{self.heap}",
                "-XX:+ExitOnOutOfMemoryError",
                *archive,
                *("-cp", self.class_path),
                *self.program(),
            ]
        )
