"""Text as `search` compares it: simplified, half-width, lower-case, one character for one.

Because every character becomes exactly one, a match found in the normalised text marks the same
places in the text as its source gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from resolvers.catalog import Entity

SEPARATOR = "\n"
"""Stands between the searched fields of a record; no field holds it after `normalise`."""


@cache
def _table() -> dict[int, str]:
    """Character for character: OpenCC's TSCharacters, full width to half width, line ends."""
    table: dict[int, str] = {}
    listed = resources.files("opencc").joinpath("dictionary/TSCharacters.txt")
    for line in listed.read_text("utf-8").splitlines():
        traditional, _, simplified = line.partition("\t")
        first = simplified.split(" ")[0]
        if len(traditional) == 1 and len(first) == 1:
            table[ord(traditional)] = first
    table |= {0xFF01 + i: chr(0x21 + i) for i in range(0x5E)}
    table[0x3000] = " "
    table[0x0130] = "i"  # the one letter whose lower-case form has two characters
    table |= dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " ")
    return table


def normalise(text: str) -> str:
    """`text` in the form that is indexed; of the same length."""
    return text.translate(_table()).lower()


@cache
def search_props(entity: Entity) -> tuple[str, ...]:
    """The properties that `search` looks through, in the order in which they are joined."""
    return tuple(field.prop for field in entity.all_fields if field.search)


def search_text(entity: Entity, properties: Mapping[str, Any]) -> str:
    """The indexed text of a record: its searched properties, normalised, one a line."""
    return SEPARATOR.join(
        normalise(properties[prop]) for prop in search_props(entity) if properties.get(prop)
    )
