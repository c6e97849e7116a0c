"""The stores as child processes: install, start, watch, stop."""

from hub.engines.supervise import EngineState, addresses, down, status, up

__all__ = ["EngineState", "addresses", "down", "status", "up"]
