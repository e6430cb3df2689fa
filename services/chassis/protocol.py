"""HTTP/1.1 on the wire; what cannot be parsed as a request is answered by a problem, too."""

from uuid import uuid4

from orjson import dumps
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.chassis.errors import BadRequest
from services.chassis.problems import problem_body
from services.chassis.request_id import HEADER


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, except that its only plain-text answer becomes problem+json."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP request (a NUL in the address, say), and hang up."""
        answering = self.cycle is not None and self.cycle.response_started
        if not (answering and not self.cycle.response_complete):
            request_id = uuid4().hex
            body = dumps(problem_body(BadRequest(), "") | {"request_id": request_id})
            self.transport.write(
                b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
                b"connection: close\r\ncache-control: no-store\r\n"
                b"%s: %s\r\ncontent-length: %d\r\n\r\n%s"
                % (HEADER.lower().encode(), request_id.encode(), len(body), body)
            )
        self.transport.close()
