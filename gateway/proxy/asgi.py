"""The streaming proxy: forwards `/{service}/v1/…` and leaves other paths to the gateway's routes.

Plain ASGI inside the request context middleware: no routing, validation or buffering on the hot
path.
"""

import asyncio
from typing import Any

import aiohttp
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from gateway.proxy.body import BodyAlreadySent, RequestBody
from gateway.proxy.errors import PathRefused, ServiceUnavailable
from gateway.proxy.headers import request_headers, response_headers
from gateway.proxy.upstreams import UNANSWERED, Upstreams
from services.chassis.core.errors import NotFound
from services.chassis.core.resources import resources_of
from services.chassis.database.auth import current_caller
from services.chassis.http.long_poll import while_connected
from services.chassis.http.route_rules import has_body, rule_in

log = structlog.get_logger()

# The gateway's own route moves the clocks of all services together.
_NOT_FORWARDED = "/v1/clock"


class UpstreamInterrupted(Exception):
    """The service stopped in the middle of its response, so the client must see an interruption."""


class Proxy:
    """Forwards requests to the services; all others go to `app`."""

    def __init__(self, app: ASGIApp, services: frozenset[str]) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        service = service_of(scope, self._services)
        if service is None:
            await self._app(scope, receive, send)
            return
        scope["route_template"] = f"/{service}/…"
        await current_caller(Request(scope))
        path = _upstream_path(scope, service)
        upstreams = resources_of(Request(scope))[Upstreams]
        await _forward(upstreams, service, path, scope, receive, send)


def service_of(scope: Scope, services: frozenset[str]) -> str | None:
    """The service to which a request is addressed, if any."""
    if scope["type"] != "http":
        return None
    segment = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
    return segment if segment in services else None


def _upstream_path(scope: Scope, service: str) -> bytes:
    """The raw path for the service.

    The checks use the decoded path, because the service matches that.

    Raises:
        PathRefused: the path has dot segments.
        NotFound: the path is not forwarded.
    """
    path: str = scope["path"]
    if any(segment in (".", "..") for segment in path.split("/")):
        raise PathRefused
    raw: bytes = scope["raw_path"]
    prefix = f"/{service}".encode()
    inner = path[len(prefix) :]
    if not inner.startswith("/v1/") or not raw.startswith(prefix + b"/"):
        raise NotFound
    if _is_clock(inner):
        raise NotFound
    return raw[len(prefix) :]


def _is_clock(path: str) -> bool:
    """Whether a path matches a service's clock; routers accept a trailing line feed."""
    rest = path.removeprefix(_NOT_FORWARDED)
    return rest != path and not rest[:1].isalnum()


async def _forward(
    upstreams: Upstreams, service: str, path: bytes, scope: Scope, receive: Receive, send: Send
) -> None:
    query: bytes = scope["query_string"]
    target = upstreams.addresses[service] + path.decode("latin-1")
    if query:
        target += "?" + query.decode("latin-1")
    body = RequestBody(receive, await receive()) if has_body(Headers(scope=scope)) else None
    waits = rule_in(scope).may_wait(query)

    async def ask() -> tuple[aiohttp.ClientResponse, bytes]:
        response = await upstreams.session.request(
            scope["method"],
            URL(target, encoded=True),
            headers=request_headers(scope, service),
            data=body,
            allow_redirects=False,
        )
        try:
            return response, await response.content.readany()
        except asyncio.CancelledError:
            response.close()
            raise

    try:
        # If the client disconnects, its slot at the service is released.
        answering = while_connected(receive, ask()) if waits and body is None else ask()
        response, first = await answering
    except (*UNANSWERED, BodyAlreadySent) as error:
        if body and body.fault:
            raise body.fault from error
        # Only the type: some of these errors quote the request, including the caller's token.
        log.warning("service does not answer", service=service, cause=type(error).__name__)
        raise ServiceUnavailable(service=service) from error
    try:
        await _return(response, first, body, receive, send)
    except UNANSWERED as error:
        raise UpstreamInterrupted(service) from error
    finally:
        # A response that was read completely has already returned its connection to the pool.
        response.close()


async def _return(
    response: aiohttp.ClientResponse,
    chunk: bytes,
    body: RequestBody | None,
    receive: Receive,
    send: Send,
) -> None:
    """Stream the response to the client, beginning with a chunk that has been read."""
    content = response.content
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": response_headers(response.raw_headers),
        }
    )
    if content.at_eof():
        await send({"type": "http.response.body", "body": chunk})
        return
    gone = asyncio.Event()
    # While a body is still being forwarded, its reader notices when the client disconnects.
    listens = body is None or body.is_complete
    watch = asyncio.create_task(_watch(receive, gone, response)) if listens else None
    try:
        while chunk:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = await content.readany()
    except UNANSWERED as error:
        if gone.is_set():
            raise ClientDisconnect from error
        raise
    finally:
        if watch:
            watch.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _watch(receive: Receive, gone: asyncio.Event, response: aiohttp.ClientResponse) -> None:
    """Stop reading a long response when the client has disconnected."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
    gone.set()
    response.close()
