"""Templates that make one text of several columns: `SF-{business_id}`, `{nhood|slug}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_PART = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")


def slug(text: str) -> str:
    """Lower case, with a hyphen for each run of what is neither letter nor digit."""
    return re.sub(r"[^\w]+|_+", "-", text.strip().lower()).strip("-")


FILTERS: dict[str, Callable[[str], str]] = {"slug": slug, "upper": str.upper, "lower": str.lower}


class Template:
    """A compiled template. Raises ValueError for an unknown filter or a stray brace."""

    def __init__(self, text: str) -> None:
        self.columns: list[str] = []
        self._filters: list[Callable[[str], str] | None] = []
        self._texts: list[str] = []
        end = 0
        for part in _PART.finditer(text):
            self._texts.append(text[end : part.start()])
            end = part.end()
            name, filter_name = part.group(1), part.group(2)
            if filter_name is not None and filter_name not in FILTERS:
                raise ValueError(f"{filter_name!r} is no filter; there are {', '.join(FILTERS)}")
            self.columns.append(name)
            self._filters.append(FILTERS[filter_name] if filter_name else None)
        self._texts.append(text[end:])
        if any("{" in piece or "}" in piece for piece in self._texts):
            raise ValueError(f"a brace of {text!r} has no partner")

    def fill(self, columns: Sequence[Sequence[str]]) -> list[str]:
        """The texts for columns of cells, given in the order of `columns`.

        Empty where any of the cells is.
        """
        parts = [
            column if keep is None else [keep(cell) for cell in column]
            for column, keep in zip(columns, self._filters, strict=True)
        ]
        ends = self._texts[1:]
        made: list[str] = []
        for cells in zip(*parts, strict=True):
            if all(cells):
                joined = "".join([cell + end for cell, end in zip(cells, ends, strict=True)])
                made.append(self._texts[0] + joined)
            else:
                made.append("")
        return made
