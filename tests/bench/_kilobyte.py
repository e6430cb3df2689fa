"""A service that answers one kilobyte at once, so that only the way to it is measured."""

from starlette.types import Receive, Scope, Send

BODY = b'{"data": "' + b"x" * 1012 + b'"}'
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def app(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer any request."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": BODY})
