"""GET and POST /graphql of clients that accept `text/event-stream` or `multipart/mixed`."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.delivery.forms import FORMS, Form
from hub.delivery.operations import Operations
from hub.delivery.response_stream import ResponseStream
from hub.delivery.subscribed import Subscribed
from hub.documents import DocumentRefused
from hub.errors_http import answer_error, answer_errors
from hub.graphql_request import WrongMethod, read_request
from hub.media import JSON, SSE
from hub.protocols.http import ENDING, TRANSPORT
from hub.protocols.socket import ABORT_SECONDS
from hub.request import RequestInfo, info_of
from resolvers.errors import BadRequest, HubError, Unauthenticated
from resolvers.operation import Wanted

ALIVE_SECONDS = 10.0
"""Time without a message after which something is sent, so that nobody on the way hangs up."""


class Streaming:
    """Answers subscriptions by a stream; queries and mutations as the client prefers."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def answer(self, request: Request, media: str, json: bool) -> Response:
        """`json`: the client takes a plain answer too, and gets one for all but a stream."""
        form, info = FORMS[media], info_of(request.scope)
        endpoint = self._operations.endpoint()
        try:
            asked = await read_request(request)
            document = await endpoint.document(asked, info)
            if request.method == "GET" and info.operation == "mutation":
                raise WrongMethod("a mutation is sent by POST; GET is for queries and streams")
            if info.operation == "subscription":
                return self._stream(request, endpoint.subscribe(asked, document, info), form, info)
            if not json and media != SSE:
                raise BadRequest("multipart/mixed is for subscriptions: accept application/json")
            found = await endpoint.run(asked, document, Wanted(info.id), info)
            if json:
                return Response(found.body, headers={"Content-Type": f"{JSON}; charset=utf-8"})
            return _whole(form, form.answer(found.body))
        except DocumentRefused as refused:
            entries = [dict(error.formatted) for error in refused.errors]
        except WrongMethod as error:
            response = answer_error(error, request.scope)
            response.headers["Allow"] = "POST"
            return response
        except HubError as error:
            if error.status >= 401:
                return answer_error(error, request.scope)
            entries = [error.as_dict()]
        if json:
            return answer_errors(entries, 400, request.scope)
        info.errors = len(entries)
        return _whole(form, form.errors(entries))

    def _stream(
        self, request: Request, subscribed: Subscribed, form: Form, info: RequestInfo
    ) -> Response:
        admission = self._operations.admission
        admission.enter()
        try:
            client = request.client
            counted = admission.give(info.caller, client.host if client else "")
        except HubError:
            admission.leave(None)
            raise
        last = request.headers.get("last-event-id") if form.name == "sse" else None
        return StreamResponse(self._operations, subscribed, form, info, counted, last)


def _whole(form: Form, content: bytes) -> Response:
    """An answer that is complete at once."""
    headers = {**form.headers, "Cache-Control": "no-store"}
    return Response(form.opening + content + form.complete, headers=headers)


class StreamResponse(Response):
    """A response that lasts as long as its subscription."""

    def __init__(
        self,
        operations: Operations,
        subscribed: Subscribed,
        form: Form,
        info: RequestInfo,
        counted: str | None,
        last: str | None,
    ) -> None:
        headers = {**form.headers, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._operations = operations
        self._subscribed = subscribed
        self._form = form
        self._info = info
        self._counted = counted
        self._last = last
        most = operations.settings.stream_buffer_bytes
        self._stream = ResponseStream(form.name, form.encode, most)
        self._cut = False
        self._transport: asyncio.Transport | None = None
        self._ended: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ENDING] = self._end
        self._transport = scope.get(TRANSPORT)
        door = self._operations.door
        door.visitors[self] = None
        leaving = asyncio.create_task(self._left(receive))
        sending = asyncio.create_task(self._send(send))
        try:
            await asyncio.wait((leaving, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leaving, sending):
                task.cancel()
            await asyncio.wait((leaving, sending))
            door.visitors.pop(self, None)
            self._operations.delivery.close(self._stream)
            self._operations.admission.leave(self._counted)
        if sending.done() and not sending.cancelled():
            sending.result()

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _send(self, send: Send) -> None:
        async def body(content: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": content, "more_body": more})

        stream, form = self._stream, self._form
        await send(
            {"type": "http.response.start", "status": 200, "headers": list(self.raw_headers)}
        )
        await body(form.opening)
        opening = self._operations.open(self._subscribed, stream, self._last, self._info.caller)
        _, errors = await self._operations.told(opening, self._info)
        if errors is not None:
            await body(form.errors(errors) + form.complete, more=False)
            return
        while not stream.over or stream.waiting:
            contents = await stream.more(ALIVE_SECONDS)
            if contents:
                content = b"".join(contents)
                await body(content)
                stream.sent(len(content))
            elif not stream.over:
                await body(form.alive)
        if stream.error is not None:
            await body(form.errors([stream.error.as_dict()]))
        await body(b"" if self._cut else form.complete, more=False)

    def _end(self) -> None:
        """The process is about to end: the client is to connect again, so nothing is complete."""
        self._cut = True
        self._stream.end(None)

    def tick(self, now: float, wall: float) -> None:
        """End when the token expires; cut a client that does not take the last word."""
        if self._stream.over:
            self._ended = self._ended or now
            if now - self._ended > ABORT_SECONDS and self._transport is not None:
                self._transport.abort()
            return
        expires = self._info.caller.expires
        if expires is not None and wall >= expires:
            self._operations.delivery.end(
                self._stream, Unauthenticated("the token has expired: connect with a new one")
            )
