"""Searching by words: the index query, and where a text matched.

The full-text index tokenises Han characters one by one (`standard-no-stop-words`), so every word
becomes a phrase: it finds single characters, and whole words without a dictionary. The text is
data: only quoted phrases and one escaped prefix reach the query parser.
"""

from __future__ import annotations

import re
from typing import Any

from resolvers.errors import BadInput
from resolvers.params import Binding
from resolvers.search_text import normalise

MAX_LENGTH = 200
_WORD = re.compile(r"\w+", re.UNICODE)
_LATIN = re.compile(r"[a-z0-9_]+\Z")


def words(text: str) -> list[str]:
    """The words of a search text, normalised, in order, without repeats."""
    return list(dict.fromkeys(_WORD.findall(normalise(text))))


def index_query(value: Any, _: Binding) -> str:
    """The full-text query that finds every word. Raises BadInput for a text without words."""
    if len(value) > MAX_LENGTH:
        raise BadInput(f"search: the text has {len(value)} characters, at most {MAX_LENGTH}")
    found = words(value)
    if not found:
        raise BadInput("search: the text holds no letter or digit to look for")
    return " AND ".join(f"{word}*" if _LATIN.match(word) else f'"{word}"' for word in found)


def word_list(value: Any, _: Binding) -> list[str]:
    """The words, to mark them in what was found."""
    return words(value)


def mark(looked_for: list[str], fields: list[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """The fields in which a word stands, each as its text in pieces (`text`, `matched`)."""
    found = []
    for name, text in fields:
        parts = _parts(looked_for, text) if text else []
        if len(parts) > 1 or (parts and parts[0]["matched"]):
            found.append({"field": name, "parts": parts})
    return found


def _parts(looked_for: list[str], text: str) -> list[dict[str, Any]]:
    plain = normalise(text)
    marked = bytearray(len(text))
    for word in looked_for:
        at = plain.find(word)
        while at >= 0:
            marked[at : at + len(word)] = b"\x01" * len(word)
            at = plain.find(word, at + 1)
    parts: list[dict[str, Any]] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or marked[end] != marked[start]:
            parts.append({"text": text[start:end], "matched": bool(marked[start])})
            start = end
    return parts
