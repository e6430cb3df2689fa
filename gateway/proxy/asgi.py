"""The streaming proxy: `/{service}/v1/…` on, everything else to the gateway's own routes.

Plain ASGI inside the request frame: no routing, no validation, no buffering on the hot path.
"""

import asyncio
from typing import Any

import aiohttp
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from gateway.proxy.body import BodySentBefore, RequestBody
from gateway.proxy.errors import PathRefused, ServiceUnavailable
from gateway.proxy.headers import request_headers, response_headers
from gateway.proxy.upstreams import UNANSWERED, Upstreams
from services.chassis.core.errors import NotFound
from services.chassis.core.resources import resources_of
from services.chassis.database.auth import current_caller
from services.chassis.http.long_poll import while_connected
from services.chassis.http.route_rules import has_body, rule_in

log = structlog.get_logger()

# Moved through the gateway's own route, for all services together.
_NOT_PASSED_ON = "/v1/clock"


class BrokenOff(Exception):
    """The service stopped in the middle of its answer: so must we, visibly."""


class Proxy:
    """Passes requests on to the services; the rest goes to `app`."""

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
        await _pass_on(upstreams, service, path, scope, receive, send)


def service_of(scope: Scope, services: frozenset[str]) -> str | None:
    """The service that a request is for, if it is for one."""
    if scope["type"] != "http":
        return None
    segment = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
    return segment if segment in services else None


def _upstream_path(scope: Scope, service: str) -> bytes:
    """The raw path at the service.

    The checks look at the decoded path, because that is what the service will match.

    Raises:
        PathRefused: it has dot segments.
        NotFound: nothing that is passed on.
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
    """Whether a path leads to a service's clock; routers let a path end with a line feed."""
    rest = path.removeprefix(_NOT_PASSED_ON)
    return rest != path and not rest[:1].isalnum()


async def _pass_on(
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
        # Who has left waits no more, and frees his place at the service.
        answering = while_connected(receive, ask()) if waits and body is None else ask()
        response, first = await answering
    except (*UNANSWERED, BodySentBefore) as error:
        if body and body.fault:
            raise body.fault from error
        # By kind: some of these errors quote the request, and with it the caller's token.
        log.warning("service does not answer", service=service, cause=type(error).__name__)
        raise ServiceUnavailable(service=service) from error
    try:
        await _return(response, first, body, receive, send)
    except UNANSWERED as error:
        raise BrokenOff(service) from error
    finally:
        # Only an answer read to its end has given its connection back to the pool by now.
        response.close()


async def _return(
    response: aiohttp.ClientResponse,
    chunk: bytes,
    body: RequestBody | None,
    receive: Receive,
    send: Send,
) -> None:
    """Stream the answer to the client, beginning with a chunk that has been read."""
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
    # While a body is still being passed on, it is its reader that notices a client leaving.
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
    """Stop reading a long answer when nobody is left to take it."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
    gone.set()
    response.close()
