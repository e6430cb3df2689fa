"""HTTP/1.1 protocol; invalid requests also receive a problem response."""

import asyncio
from uuid import uuid4

from orjson import dumps
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.chassis.core.errors import AppError, BadRequest
from services.chassis.core.request_id import HEADER
from services.chassis.core.text import Text
from services.chassis.http.problems import problem_body
from services.chassis.http.unread import BYTES_PER_SECOND, UnreadWatch

MAX_HEAD_BYTES = 1 << 16
# Time for a head to arrive, or for a request to begin on a new connection.
HEAD_SECONDS = 30.0


class HeadTooLarge(AppError):
    """Path and headers are longer than any request needs."""

    status = 431
    code = "platform.head_too_large"
    title = Text("请求头过大", "Request head too large")
    detail = Text(
        "地址与请求头合计不超过约 {limit} 字节。",
        "Path and headers are limited to about {limit} bytes together.",
    )


class HeadTooSlow(AppError):
    """Path and headers do not arrive in time."""

    status = 408
    code = "platform.head_too_slow"
    title = Text("请求头传输过慢", "Request head too slow")
    detail = Text(
        "请求头未能及时到达，请检查网络后重试。",
        "Path and headers did not arrive in time; check the connection and try again.",
    )


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with problem responses instead of plain text, and with limits.

    Before a request's head is complete nobody has seen it, and so no other limit counts it: it
    would be collected for as long as it arrives, from any client. Trailers likewise. A connection
    that sends nothing is not kept, nor is one that does not read.
    """

    _held = 0
    _came = 0
    _is_in_head = _is_in_message = False
    _deadline: asyncio.TimerHandle | None = None
    _unread: UnreadWatch

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected and must send a request; see uvicorn."""
        super().connection_made(transport)
        self._unread = UnreadWatch(transport, self.loop)
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended; see uvicorn."""
        self._clear_deadline()
        self._unread.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Receive bytes, unless too many have arrived without forming a request or body."""
        self._held += len(data)
        self._came += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._held > MAX_HEAD_BYTES:
            self._refuse(HeadTooLarge(limit=MAX_HEAD_BYTES), b"Request Header Fields Too Large")
        elif self._is_idle and self.timeout_keep_alive_task is None:
            self._set_deadline()

    def on_message_begin(self) -> None:
        """A request begins; see uvicorn."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is complete; see uvicorn."""
        self._held = 0
        self._is_in_head = False
        self._is_in_message = True
        self._clear_deadline()
        if not self.flow.write_paused:
            self._unread.end()  # more is going to be written than is waiting to be read
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body, which is counted elsewhere; see uvicorn."""
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete; see uvicorn."""
        self._held = 0
        self._is_in_message = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A response has been written, but perhaps not read; see uvicorn."""
        super().on_response_complete()
        self._watch_rest()
        if self._is_idle and self._is_in_head and not self.transport.is_closing():
            self._unset_keepalive_if_required()  # the next request has begun
            self._set_deadline()

    def pause_writing(self) -> None:
        """Too much data is waiting to be read, so writing pauses; see uvicorn."""
        super().pause_writing()
        self._unread.begin()

    def resume_writing(self) -> None:
        """Most of the data have been read; see uvicorn."""
        self._unread.end()
        super().resume_writing()
        self._watch_rest()

    @property
    def _is_idle(self) -> bool:
        """Whether no request is being served."""
        return (self.cycle is None or self.cycle.response_complete) and not self.pipeline

    def _watch_rest(self) -> None:
        """Do not wait forever for the last response to be read."""
        if self._is_idle and self.transport.get_write_buffer_size():
            self._unread.begin()

    def _set_deadline(self) -> None:
        """Expect the next request, or the rest of a body that is no longer read."""
        if self._deadline is None:
            self._came = 0
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._on_deadline)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if not self._is_idle or self.transport.is_closing():
            return
        if self._is_in_message and self._came >= HEAD_SECONDS * BYTES_PER_SECOND:
            self._set_deadline()
        elif self._is_in_head:
            self._refuse(HeadTooSlow(), b"Request Timeout")
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Respond to bytes that are not an HTTP request (such as a NUL in the path), and close."""
        self._refuse(BadRequest(), b"Bad Request")

    def _refuse(self, error: AppError, reason: bytes) -> None:
        answering = self.cycle is not None and self.cycle.response_started
        if not (answering and not self.cycle.response_complete):
            request_id = uuid4().hex
            body = dumps(problem_body(error, "") | {"request_id": request_id})
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\n"
                b"connection: close\r\ncache-control: no-store\r\n"
                b"%s: %s\r\ncontent-length: %d\r\n\r\n%s"
                % (
                    error.status,
                    reason,
                    HEADER.lower().encode(),
                    request_id.encode(),
                    len(body),
                    body,
                )
            )
        self.transport.close()
        self._watch_rest()
