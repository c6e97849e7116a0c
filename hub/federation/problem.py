"""What is wrong with a partner's subgraph, said to the person who wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do; `line` is that of the file, None where it has none."""

    line: int | None
    message: str
    about: str | None = None
    """The type or `Type.field` it is about, so that nothing is said twice."""

    def at(self, file: str) -> str:
        """One line of text, as compilers write it."""
        where = f"{file}:{self.line}" if self.line is not None else file
        return f"{where}: {self.message}"

    def as_dict(self) -> dict[str, object]:
        return {"line": self.line, "message": self.message, "about": self.about}
