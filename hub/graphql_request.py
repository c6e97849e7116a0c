"""A GraphQL request as it comes over HTTP (GraphQL over HTTP, draft, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from resolvers.errors import BadRequest


class WrongMediaType(BadRequest):
    """The body is not JSON in UTF-8."""

    status = 415


class NotAcceptable(BadRequest):
    """The client takes neither of the media types that answers come in."""

    status = 406


class WrongMethod(BadRequest):
    """The operation may not be run by this HTTP method."""

    status = 405


@dataclass(frozen=True)
class GraphQLRequest:
    """What a client asks for."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


async def read_request(request: Request) -> GraphQLRequest:
    """Read a GET's parameters or a POST's body. Raises BadRequest or WrongMediaType."""
    if request.method == "GET":
        return _from_parameters(request)
    _check_content_type(request.headers.get("content-type"))
    return _from_body(await request.body())


def _check_content_type(given: str | None) -> None:
    media, *parameters = (each.strip().lower() for each in (given or "").split(";"))
    charsets = [p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset")]
    if media != "application/json" or any(each not in ("utf-8", "utf8") for each in charsets):
        said = f"not as {given[:100]!r}" if given else "and say so"
        raise WrongMediaType(f"send the request as 'Content-Type: application/json', {said}")


def _from_parameters(request: Request) -> GraphQLRequest:
    parameters = request.query_params
    body: dict[str, Any] = {"query": parameters.get("query")}
    body["operationName"] = parameters.get("operationName") or None
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        if text:
            try:
                body[name] = orjson.loads(text)
            except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
                raise BadRequest(f"the parameter '{name}' is not JSON: {error}") from error
    return checked(body)


def _from_body(content: bytes) -> GraphQLRequest:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON in UTF-8: {error}") from error
    if isinstance(body, list):
        raise BadRequest(
            "the body is a list: the hub takes one operation a request; "
            "ask for several root fields in one operation, or send several requests"
        )
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object with the key 'query'")
    return checked(body)


def checked(body: Mapping[str, Any]) -> GraphQLRequest:
    """The request that a JSON object asks for. Raises BadRequest."""
    query, name = body.get("query"), body.get("operationName")
    variables, extensions = body.get("variables"), body.get("extensions")
    if not isinstance(query, str):
        raise BadRequest("'query' must be a text: the GraphQL document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("'operationName' must be a text or null")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("'variables' must be an object (one key per variable) or null")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("'extensions' must be an object or null")
    try:
        query.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRequest("'query' is not well-formed Unicode") from error
    return GraphQLRequest(query, name or None, variables or {})
