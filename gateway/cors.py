"""Browser applications of other origins (CORS): which may call, and which headers they can read.

Without this, a browser keeps the answers of the gateway from every page that it does not serve
itself. Tokens travel in `Authorization` and never in cookies, so an origin that is allowed can do
only what its users' tokens permit. Source: the Fetch standard, section 3.3 (HTTP-CORS protocol).
"""

from collections.abc import Container
from contextvars import ContextVar
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.clients.origins import AllowedOrigins
from services.chassis.core.request_id import HEADER as REQUEST_ID
from services.chassis.core.resources import resources_of
from services.chassis.http.idempotency import HEADER as IDEMPOTENCY_KEY
from services.chassis.openapi.response_headers import RESPONSE_HEADERS

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Beyond those that browsers may always send.
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Range",
    IDEMPOTENCY_KEY,
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Range",
    REQUEST_ID,
    "traceparent",
)
_REMEMBERED_SECONDS = 7200


class CrossOrigins(CORSMiddleware):
    """ASGI layer that lets pages of the allowed origins call the gateway.

    Which origins these are changes while it runs: a client may have pages of its own.
    """

    def __init__(self, app: ASGIApp, /, **options: Any) -> None:
        super().__init__(app, **options)
        self._allowed: ContextVar[Container[str]] = ContextVar("allowed_origins", default=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            self._allowed.set(resources_of(Request(scope))[AllowedOrigins])
            origin = Headers(scope=scope).get("origin")
            if origin and scope["method"] != "OPTIONS" and not self.is_allowed_origin(origin):
                await self.app(scope, receive, send)
                return
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether pages of an origin may call."""
        return origin in self._allowed.get()


CROSS_ORIGINS = Middleware(
    CrossOrigins,
    allow_methods=_METHODS,
    allow_headers=_REQUEST_HEADERS,
    expose_headers=[*RESPONSE_HEADERS],
    max_age=_REMEMBERED_SECONDS,
)
