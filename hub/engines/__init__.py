"""The stores as child processes: install, start, watch, stop."""

from hub.engines.fleet import NAMES, addresses
from hub.engines.state import EngineState, status
from hub.engines.supervise import down, up

__all__ = ["NAMES", "EngineState", "addresses", "down", "status", "up"]
