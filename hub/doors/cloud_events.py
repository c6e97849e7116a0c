"""CloudEvents as they come over HTTP: structured, batched or binary.

CloudEvents 1.0.2, HTTP protocol binding (3.1 to 3.3) and JSON event format (3 and 4). Attributes
are checked by the library `cloudevents`; what it leaves open (a missing `specversion`, headers
that come twice, JSON without bounds) is refused here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import orjson
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent
from starlette.datastructures import Headers

from resolvers.errors import BadRequest

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
JSON_TYPE = re.compile(r"^(application|text)/([a-z0-9.-]+\+)?json$")
TAKEN = f"{STRUCTURED}, {BATCHED}, or application/json with ce- headers"


class WrongMediaType(BadRequest):
    """The body is none of the three modes, or not in UTF-8."""

    status = 415


@dataclass(frozen=True)
class Fault:
    """What is wrong with one entry: where (`time`, `data.confidence`), what, and what to do."""

    at: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Entry:
    """One CloudEvent of a request, or its faults."""

    index: int
    """Its place in the batch, from 0."""
    event: CloudEvent | None = None
    timed: bool = False
    """Whether the sender gave its time; the library makes one up where it is missing."""
    id: str | None = None
    faults: list[Fault] = field(default_factory=list)


def read_entries(headers: Headers, body: bytes, most: int) -> Iterator[Entry]:
    """The CloudEvents of a request, at most `most`, each read when it is asked for.

    Raises BadRequest for what is no such request as a whole, WrongMediaType (415) among them.
    """
    media = _media_type(headers)
    if media == STRUCTURED:
        return iter([_entry(0, _json(body))])
    if media == BATCHED:
        found = _json(body)
        if not isinstance(found, list):
            raise BadRequest(f"a body of {BATCHED} is a list of CloudEvents: send [ … ]")
        if len(found) > most:
            raise BadRequest(
                f"a request takes {most} CloudEvents (HUB_INGEST_ENTRIES), not {len(found)}: "
                "send them in several",
                limit="entries",
                most=most,
            )
        return (_entry(index, each) for index, each in enumerate(found))
    given = _attributes(headers)
    if not given:
        raise BadRequest(f"this is no CloudEvent: send {TAKEN}")
    if not JSON_TYPE.match(media):
        raise WrongMediaType(f"the data of a binary CloudEvent is JSON here: send {TAKEN}")
    return iter([_entry(0, given | {"data": _json(body)})])


def _media_type(headers: Headers) -> str:
    """The request's media type in small letters. Raises WrongMediaType or BadRequest."""
    given = headers.getlist("content-type")
    if len(given) != 1:
        raise WrongMediaType(f"send one Content-Type: {TAKEN}")
    coding = headers.get("content-encoding", "identity")
    if coding.strip().lower() != "identity":
        raise WrongMediaType("send the body as it is, without Content-Encoding")
    media, *parameters = (each.strip().lower() for each in given[0].split(";"))
    charsets = [p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset")]
    if any(each not in ("utf-8", "utf8") for each in charsets):
        raise WrongMediaType("send the body in UTF-8")
    if media.startswith("application/cloudevents") and media not in (STRUCTURED, BATCHED):
        raise WrongMediaType(f"of CloudEvents' formats the hub takes JSON alone: send {TAKEN}")
    return media


def _attributes(headers: Headers) -> dict[str, Any]:
    """What the ce- headers say (HTTP binding, 3.1.3). Raises BadRequest."""
    found: dict[str, Any] = {}
    for name, value in headers.items():
        if not name.startswith("ce-"):
            continue
        attribute = name.removeprefix("ce-")
        if attribute in found:
            raise BadRequest(f"the header {name[:60]} came twice: send it once")
        if attribute in ("data", "data_base64", "datacontenttype"):
            raise BadRequest(f"{name} is no header of a CloudEvent: leave it out")
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        try:
            found[attribute] = unquote(value.encode("latin-1").decode("ascii"), errors="strict")
        except UnicodeDecodeError as error:
            raise BadRequest(
                f"the header {name[:60]} is not ASCII with UTF-8 in percent-encoding "
                "(CloudEvents' HTTP binding, 3.1.3.2)"
            ) from error
    return found


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON in UTF-8: {error}") from error


def _entry(index: int, given: Any) -> Entry:
    """One entry out of its JSON form."""
    if not isinstance(given, dict):
        fault = Fault("", "it is not a JSON object", "send a CloudEvent")
        return Entry(index, faults=[fault])
    attributes = dict(given)
    shown = attributes.get("id")
    name = shown[:200] if isinstance(shown, str) else None
    data, faults = _data(attributes)
    for wanted in ("specversion", "id", "source", "type"):
        if attributes.get(wanted) is None:
            faults.append(Fault(wanted, "it is missing", "add it"))
    if attributes.get("specversion") not in (None, "1.0"):
        faults.append(Fault("specversion", "it is not '1.0'", "send CloudEvents 1.0"))
    timed = attributes.get("time") is not None
    if timed:
        try:
            attributes["time"] = datetime.fromisoformat(attributes["time"])
        except (ValueError, TypeError, OverflowError):
            told = "it is not an RFC 3339 instant with an offset"
            faults.append(Fault("time", told, "send one such as 2026-01-31T08:00:00+08:00"))
            del attributes["time"]
    if faults:
        return Entry(index, id=name, faults=faults)
    attributes = {name: value for name, value in attributes.items() if value is not None}
    try:
        return Entry(index, CloudEvent(attributes, data), timed, name)
    except CloudEventValidationError as error:
        faults = [
            Fault(attribute[:60], str(each[0])[:200], "correct it")
            for attribute, each in error.errors.items()
        ]
        return Entry(index, id=name, faults=faults)


def _data(attributes: dict[str, Any]) -> tuple[Any, list[Fault]]:
    """Takes the data out of an entry; `data_base64` may hold JSON too (JSON format, 3.1)."""
    kind = attributes.get("datacontenttype")
    if kind is not None:
        media = kind.partition(";")[0].strip().lower() if isinstance(kind, str) else ""
        if not JSON_TYPE.match(media):
            fault = Fault("datacontenttype", "the data is not JSON", "send application/json")
            return None, [fault]
    data, encoded = attributes.pop("data", None), attributes.pop("data_base64", None)
    if encoded is not None:
        if data is not None:
            fault = Fault("data_base64", "there is data as well", "send one of the two")
            return None, [fault]
        try:
            data = orjson.loads(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError, TypeError):
            fault = Fault("data_base64", "it is not JSON in base64", "send it as data")
            return None, [fault]
    if not isinstance(data, dict):
        return None, [Fault("data", "it is not a JSON object", "send the detection's fields")]
    return data, []
