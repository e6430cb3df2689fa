"""The token is checked before any other part of a request.

The framework reads and parses a body, and judges parameters, before a route's own dependencies
run. Without this layer a request without a token would learn what is wrong with its query, and
would have its body read.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.database.auth import current_caller
from services.chassis.http.route_rules import rule_in

_GUARDED = "/v1/"


class TokenFirst:
    """Refuses requests without a valid token; routes then check their scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotAuthenticated: no token, or one that does not hold.
        """
        if scope["type"] == "http" and _is_guarded(scope):
            await current_caller(Request(scope))
        await self._app(scope, receive, send)


def _is_guarded(scope: Scope) -> bool:
    """Also without a route, so that nobody can explore the API without a token."""
    return scope["path"].startswith(_GUARDED) and not rule_in(scope).reads_openly
