"""Every error a caller can get, each with a stable code (`extensions.code`).

HubError
├── RequestError              the request as a whole
│   ├── BadRequest            BAD_REQUEST             body or parameters are not a GraphQL request
│   ├── PayloadTooLarge       PAYLOAD_TOO_LARGE       body over the size limit
│   ├── ParseFailed           GRAPHQL_PARSE_FAILED    the document does not parse
│   ├── ValidationFailed      GRAPHQL_VALIDATION_FAILED  unknown field, wrong type …
│   └── TooComplex            TOO_COMPLEX             too deep, too wide, too costly
├── InputError                an argument
│   ├── BadInput              BAD_USER_INPUT          a value of the wrong kind
│   ├── CodeInvalid           CODE_INVALID            a code breaks its standard
│   ├── CursorInvalid         CURSOR_INVALID          forged, damaged, or from another list
│   ├── CursorExpired         CURSOR_EXPIRED          what comes after it is no longer kept
│   ├── PageSizeInvalid       PAGE_SIZE_INVALID       first or last out of bounds
│   ├── PolygonInvalid        POLYGON_INVALID         crosses itself, too many vertices …
│   └── CoordinatesInvalid    COORDINATES_INVALID     out of range, swapped, outside the district
├── AccessError               the caller
│   ├── Unauthenticated       UNAUTHENTICATED         no token, or one that is not accepted
│   └── Forbidden             FORBIDDEN               signed in, but without the right
├── WriteError                a change
│   ├── NotFound              NOT_FOUND               no record with that code
│   ├── AlreadyExists         ALREADY_EXISTS          the code is taken
│   ├── UnknownReference      UNKNOWN_REFERENCE       an edge to a record that is not there
│   ├── Conflict              CONFLICT                somebody else changed it first
│   ├── Retired               RETIRED                 the record is retired
│   ├── InUse                 IN_USE                  live records still refer to it
│   ├── MutationIdReused      MUTATION_ID_REUSED      clientMutationId seen with other input
│   └── TooManyWebhooks       TOO_MANY_WEBHOOKS       more than one caller may have
├── StreamError               a stream
│   ├── ReaderTooSlow         READER_TOO_SLOW         the client reads too slowly
│   └── TooManyStreams        TOO_MANY_STREAMS        more than one caller may have open
└── ServiceError              the hub
    ├── StoreUnavailable      STORE_UNAVAILABLE       a store is down; try again later
    ├── DeadlineExceeded      DEADLINE_EXCEEDED       the operation took too long
    ├── Overloaded            OVERLOADED              the hub serves as many as it can
    └── Internal              INTERNAL                a fault of ours, logged under the request id
"""

from __future__ import annotations

from typing import Any, ClassVar


class HubError(Exception):
    """An error with a code and a message that says what was expected and what to do.

    `details` go to the caller in `extensions` beside the code; `path` is the response path.
    """

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 200
    """HTTP status where the error stops the whole request before execution."""

    def __init__(
        self, message: str, *, path: list[str | int] | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, **self.details}

    def as_dict(self) -> dict[str, Any]:
        """The error as it stands in a GraphQL response."""
        entry: dict[str, Any] = {"message": self.message}
        if self.path is not None:
            entry["path"] = self.path
        entry["extensions"] = self.extensions
        return entry


class RequestError(HubError):
    status = 400


class BadRequest(RequestError):
    code = "BAD_REQUEST"


class PayloadTooLarge(RequestError):
    code = "PAYLOAD_TOO_LARGE"
    status = 413


class ParseFailed(RequestError):
    code = "GRAPHQL_PARSE_FAILED"


class ValidationFailed(RequestError):
    code = "GRAPHQL_VALIDATION_FAILED"


class TooComplex(RequestError):
    code = "TOO_COMPLEX"


class InputError(HubError):
    status = 400


class BadInput(InputError):
    code = "BAD_USER_INPUT"


class CodeInvalid(InputError):
    code = "CODE_INVALID"


class CursorInvalid(InputError):
    code = "CURSOR_INVALID"


class CursorExpired(InputError):
    code = "CURSOR_EXPIRED"


class PageSizeInvalid(InputError):
    code = "PAGE_SIZE_INVALID"


class PolygonInvalid(InputError):
    code = "POLYGON_INVALID"


class CoordinatesInvalid(InputError):
    code = "COORDINATES_INVALID"


class AccessError(HubError):
    pass


class Unauthenticated(AccessError):
    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(AccessError):
    code = "FORBIDDEN"
    status = 403


class WriteError(HubError):
    pass


class NotFound(WriteError):
    code = "NOT_FOUND"


class AlreadyExists(WriteError):
    code = "ALREADY_EXISTS"


class UnknownReference(WriteError):
    code = "UNKNOWN_REFERENCE"


class Conflict(WriteError):
    code = "CONFLICT"


class Retired(WriteError):
    code = "RETIRED"


class InUse(WriteError):
    code = "IN_USE"


class MutationIdReused(WriteError):
    code = "MUTATION_ID_REUSED"


class TooManyWebhooks(WriteError):
    code = "TOO_MANY_WEBHOOKS"


class StreamError(HubError):
    status = 429


class ReaderTooSlow(StreamError):
    code = "READER_TOO_SLOW"


class TooManyStreams(StreamError):
    code = "TOO_MANY_STREAMS"


class ServiceError(HubError):
    status = 500


class StoreUnavailable(ServiceError):
    status = 503
    code = "STORE_UNAVAILABLE"


class DeadlineExceeded(ServiceError):
    status = 504
    code = "DEADLINE_EXCEEDED"


class Overloaded(ServiceError):
    status = 503
    code = "OVERLOADED"


class Internal(ServiceError):
    code = "INTERNAL"


def all_codes() -> dict[str, type[HubError]]:
    """Every code with the class that carries it, for the page that documents them."""
    found: dict[str, type[HubError]] = {}
    waiting: list[type[HubError]] = [HubError]
    while waiting:
        kind = waiting.pop()
        children = kind.__subclasses__()
        waiting += children
        if not children:
            found[kind.code] = kind
    return found
