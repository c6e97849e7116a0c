"""Which of the two GraphQL media types an answer gets.

GraphQL over HTTP, draft, 4 and 6: `application/graphql-response+json` carries meaning in its
status code; with `application/json` every well-formed request is answered 200. The latter is
also what a client gets that does not say.
"""

from __future__ import annotations

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"

SSE = "text/event-stream"
MULTIPART = "multipart/mixed"

_OFFERS = (JSON, GRAPHQL_RESPONSE)


def answer_type(accept: str | None) -> str | None:
    """The media type to answer in, by an Accept header; None where neither will do (406).

    Of two equally wanted types the one that is named outright wins, then JSON.
    """
    if accept is None or not accept.strip():
        return JSON
    best: tuple[float, int, int] | None = None
    chosen: str | None = None
    for place, offer in enumerate(_OFFERS):
        wanted = _wanted(accept, offer)
        if wanted is None or wanted[0] == 0:
            continue
        rank = (*wanted, -place)
        if best is None or rank > best:
            best, chosen = rank, offer
    return chosen


def stream_type(accept: str | None) -> str | None:
    """The media type of a stream that an Accept header names outright; None where it names none."""
    best: tuple[float, str] | None = None
    for offer in (SSE, MULTIPART):
        wanted = _wanted(accept or "", offer)
        if wanted is not None and wanted[1] == 2 and wanted[0] > (best[0] if best else 0):
            best = wanted[0], offer
    return best[1] if best else None


def _wanted(accept: str, offer: str) -> tuple[float, int] | None:
    """(quality, closeness) of an offer under its closest range (RFC 9110, 12.5.1)."""
    found: tuple[float, int] | None = None
    for part in accept.split(","):
        pattern, *parameters = (each.strip().lower() for each in part.split(";"))
        closeness = _closeness(pattern, offer)
        if closeness < 0 or (found is not None and closeness <= found[1]):
            continue
        found = (_quality(parameters), closeness)
    return found


def _closeness(pattern: str, offer: str) -> int:
    if pattern == offer:
        return 2
    if pattern == "application/*":
        return 1
    return 0 if pattern == "*/*" else -1


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
