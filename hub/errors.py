"""The errors a person at the command line sees.

HubError                      a thing went wrong that a person can do something about
└── EngineError               an engine could not be installed, started or stopped
    ├── PortTaken             another process listens where the engine should
    └── EngineFailed          it ended or did not answer in time; holds the log's last lines
"""


class HubError(Exception):
    """One message for a person: what happened, and what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
