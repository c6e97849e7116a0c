"""What ingest has done since it started, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Counts:
    """Of messages whose transaction was committed."""

    read: int = 0
    accepted: int = 0
    """Each made a version."""
    duplicates: int = 0
    dead: int = 0
    silent: int = 0
    """Versions that closed an event of which nothing was heard."""
    versions: int = 0
    stored: int = 0
    """Versions that the writer put into PostgreSQL."""
    relayed: int = 0
    """Changes of the graph that were put on graph.changes."""
    fenced: int = 0
    """Times that another process had taken over a partition."""

    def add(self, other: Counts) -> None:
        """Add another's numbers to these."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
