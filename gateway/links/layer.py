"""The ASGI layer that exchanges a one-time link for the request that it stands for.

It lies outside the request frame: no inner layer sees the secret, so none can log, trace or count
it. The inner layers see an ordinary request of the account: its rights, its limits, its language.
"""

import asyncio
from typing import Any
from urllib.parse import unquote

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.links.service import ADDRESS, Links
from services.chassis.core.resources import resources_of

# In place of the secret.
_HIDDEN = f"{ADDRESS}-"
_FAULT = "junheng.link_fault"
# Guessed secrets must not take the connections of others.
_AT_ONCE = 4


class OneTimeLinks:
    """Exchanges links for their requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._turns = app, asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(ADDRESS):
            secret = scope["path"].removeprefix(ADDRESS)
            hidden = _at(scope, _HIDDEN)
            # Other methods use nothing up: programs that only look ahead send `HEAD`.
            scope = await self._exchanged(hidden, secret) if scope["method"] == "GET" else hidden
        await self._app(scope, receive, send)

    async def _exchanged(self, scope: Scope, secret: str) -> Scope:
        """The request behind a link; or the given one, whose route raises the fault."""
        try:
            async with self._turns:
                target = await resources_of(Request(scope))[Links].use(secret)
        except Exception as error:
            return {**scope, _FAULT: error}
        headers = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
        headers.append((b"authorization", f"Bearer {target.token}".encode()))
        return {**_at(scope, target.path), "headers": headers}


def fault_in(scope: Scope) -> Exception | None:
    """Why a link could not be exchanged."""
    fault: Exception | None = scope.get(_FAULT)
    return fault


def _at(scope: Scope, address: str) -> dict[str, Any]:
    """The same request at another address."""
    path, _, query = address.partition("?")
    return {
        **scope,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
    }


ONE_TIME_LINKS = Middleware(OneTimeLinks)
