"""HTTP/1.1 on the wire; what is not taken as a request is answered by a problem, too."""

from uuid import uuid4

from orjson import dumps
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.chassis.core.errors import AppError, BadRequest
from services.chassis.core.request_id import HEADER
from services.chassis.core.text import Text
from services.chassis.http.problems import problem_body

MAX_HEAD_BYTES = 1 << 16


class HeadTooLarge(AppError):
    """Address and headers are longer than any request needs."""

    status = 431
    code = "platform.head_too_large"
    title = Text("请求头过大", "Request head too large")
    detail = Text(
        "地址与请求头合计不超过约 {limit} 字节。",
        "Address and headers may take about {limit} bytes together.",
    )


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with problems for its plain texts and a bound on what it holds.

    Before a request's head is complete nobody has seen it, and so no other limit counts it: it
    would be collected for as long as it comes, whoever sends it. Trailers likewise.
    """

    _held = 0

    def data_received(self, data: bytes) -> None:
        """Take in bytes, unless too many have come that make up no request and no body."""
        self._held += len(data)
        super().data_received(data)
        if self._held > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HeadTooLarge(limit=MAX_HEAD_BYTES), b"Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """A head is whole; see uvicorn."""
        self._held = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body, which is counted elsewhere; see uvicorn."""
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole; see uvicorn."""
        self._held = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP request (a NUL in the address, say), and hang up."""
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
