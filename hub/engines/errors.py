"""What goes wrong with engines (the tree stands in hub.errors)."""

from hub.errors import HubError


class EngineError(HubError):
    """An engine could not be installed, started or stopped."""


class PortTaken(EngineError):
    """Another process listens where the engine should."""


class EngineFailed(EngineError):
    """An engine ended, or did not answer in time."""

    def __init__(self, message: str, remedy: str, log: str, lines: list[str]) -> None:
        super().__init__(message, remedy)
        self.log = log
        self.lines = lines
