"""Admits as many requests as a process can serve, and shares the slots among accounts.

Overload is answered at once, with a time to come back: a queue without end serves nobody.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import AppError
from services.chassis.database.auth import Caller, current_caller
from services.chassis.http.bodies import read_whole
from services.chassis.http.places import Places, TooManyRequestsAtOnce
from services.chassis.http.route_rules import has_body, rule_in

# Monitoring must still get responses from an overloaded process.
_ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})


class Admission:
    """ASGI layer that admits a limited number of concurrent requests and refuses the others.

    Requests that may wait are counted apart: however many there are, the others get in.
    """

    def __init__(self, app: ASGIApp, limit: int, waiting_limit: int, each: int) -> None:
        self._app = app
        self._serving = Places(each, TooManyRequestsAtOnce, limit)
        self._waiting = Places(each, TooManyRequestsAtOnce, waiting_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Overloaded: too many are being served.
            TooManyRequestsAtOnce: too many of this account are.
        """
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        rule = rule_in(scope)
        if rule.reads_openly and has_body(Headers(scope=scope)):
            # Small and unauthenticated: a slow body must not hold a slot while it arrives.
            receive = _replayed(await read_whole(receive), receive)
        waits = rule.may_wait(scope["query_string"])
        places = self._waiting if waits else self._serving
        with places.place(await _caller_of(scope)):
            await self._app(scope, receive, send)


async def _caller_of(scope: Scope) -> Caller | None:
    """The caller; None without a valid token, which the route refuses if it requires one."""
    try:
        return await current_caller(Request(scope))
    except AppError:
        return None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Replays a body that has been read, then continues with later messages."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
