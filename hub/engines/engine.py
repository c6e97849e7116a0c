"""What every engine is to its supervisor."""

import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from hub.engines.folder import DataFolder
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import Answer


@dataclass(frozen=True, slots=True)
class Run:
    """A program to run: its arguments, what its environment has besides ours, and as whom."""

    arguments: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None


class Engine(ABC):
    """One engine in one data folder. Blocking; the supervisor calls it from threads."""

    name: ClassVar[str]
    title: ClassVar[str]
    external_setting: ClassVar[str]
    """Name of the setting that, when it has a value, means that nothing is started."""
    port_names: ClassVar[tuple[str, ...]]
    """Names of the port settings, the one that clients use first, without `_port`."""
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        self.settings = settings
        self.folder = folder

    @property
    def external(self) -> bool:
        """Whether the settings point at one that is already there."""
        return bool(getattr(self.settings, self.external_setting))

    @property
    def home(self) -> Path:
        """The engine's own folder."""
        return self.folder.sub(self.name)

    @property
    def note(self) -> Path:
        """The file that says which process it is."""
        return self.folder.sub("run") / f"{self.name}.json"

    @property
    @abstractmethod
    def version(self) -> str:
        """The version that is installed."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the store if it is not there yet, and write the present settings; repeatable."""

    @abstractmethod
    def run(self) -> Run:
        """How to start it in the foreground."""

    @property
    @abstractmethod
    def signature(self) -> frozenset[str]:
        """Arguments that no other process has."""

    @abstractmethod
    async def probe(self, at: StoreAddresses) -> Answer:
        """Ask it for a sign of life."""
