"""What a check found: problems, operations that would break, and what comes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.federation.breakage import Breakage
from hub.federation.problem import Problem


@dataclass(frozen=True)
class Report:
    """The outcome of checking, adding or removing one partner."""

    name: str
    problems: tuple[Problem, ...] = ()
    breaks: tuple[Breakage, ...] = ()
    added: tuple[str, ...] = ()
    """What the API gains: `Type`, or `Type.field` of a type that was there."""
    removed: tuple[str, ...] = ()
    unchanged: bool = False
    """Whether exactly this is registered already."""
    version: int | None = None
    """The new supergraph's, where one was stored."""

    def passes(self, accept_breaking: bool = False) -> bool:
        """Whether it may be stored."""
        return not self.problems and (accept_breaking or not self.breaks)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "problems": [each.as_dict() for each in self.problems],
            "breaks": [each.as_dict() for each in self.breaks],
            "added": list(self.added),
            "removed": list(self.removed),
            "unchanged": self.unchanged,
            "version": self.version,
        }
