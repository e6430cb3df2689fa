"""`Idempotency-Key`: a repeated POST runs once and replays its response.

The key is claimed in the transaction that does the work, and the answer is stored in it before
it commits. A second request with the same key waits for that row and gets the stored answer; if
the first one failed, its claim is gone with everything else it did, and the second one works.
A route that calls another service first opens that transaction, and claims, only afterwards.
"""

from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import AppError, NotAuthenticated
from services.chassis.core.resources import resources_of
from services.chassis.core.settings import Settings
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, current_caller
from services.chassis.http.bodies import read_whole
from services.chassis.http.idempotency_claims import Claim, Repeated, Unit
from services.chassis.http.problems import problem_response
from services.chassis.http.route_rules import Body, RouteRule, rule_in
from services.chassis.http.stored_responses import Answer, Seal

HEADER = "Idempotency-Key"


class IdempotencyKeyRequired(AppError):
    """This request requires a key, so that repeating it does no harm."""

    status = 400
    code = "platform.idempotency_key_required"
    title = Text("缺少 Idempotency-Key", "Idempotency-Key required")
    detail = Text(
        "请加上 Idempotency-Key 请求头（例如一个 UUID）；重发时用同一个值。",
        "Send an Idempotency-Key header (for example a UUID), and repeat it with retries.",
    )


async def require_key(
    request: Request, _caller: Annotated[Caller, Depends(current_caller)]
) -> None:
    """A dependency of routes that must not be repeated accidentally (transitions, bulk jobs).

    Raises:
        IdempotencyKeyRequired: the request has no key, or an empty one.
    """
    if not request.headers.get(HEADER):
        raise IdempotencyKeyRequired


NeedsKey = Depends(require_key)


class Idempotency:
    """ASGI layer around the routes that handles every POST with a key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, at most once per key.

        Raises:
            IdempotencyKeyRequired: the key is empty.
        """
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or not _is_kept_here(scope["method"], rule_in(scope)):
            await self._app(scope, receive, send)
            return
        try:
            caller = await current_caller(Request(scope))
        except NotAuthenticated:
            await self._app(scope, receive, send)  # the route reports the fault of the token
            return
        if not key:
            raise IdempotencyKeyRequired
        body = await read_whole(receive)
        await self._serve_once(caller, key, scope, body, send)

    async def _serve_once(
        self, caller: Caller, key: str, scope: Scope, body: bytes, send: Send
    ) -> None:
        resources = resources_of(Request(scope))
        seal = Seal(resources[Settings].answers_key, caller.subject, key)
        claim = Claim(caller.subject, seal, seal.digest(_request(scope, caller, body)))
        answer = Answer()
        try:
            async with AsyncExitStack() as opened:
                unit = Unit(opened, resources, caller, claim)
                try:
                    await self._serve_in(unit, scope, body, answer)
                except Repeated as repeated:
                    answer = repeated.answer
        except _Failed:
            pass  # rolled back with its claim; the response has the reason
        except AppError as error:
            await problem_response(error, scope)(scope, _replay_body(b""), send)
            return
        await answer.send(send)

    async def _serve_in(self, unit: Unit, scope: Scope, body: bytes, answer: Answer) -> None:
        rule, state = rule_in(scope), scope.setdefault("state", {})
        if rule.begins_later:
            await unit.look()
            state["begin"] = unit.begin
        else:
            state["unit"] = await unit.open()
        await self._app(scope, _replay_body(body), answer.record)
        if answer.status >= 400:
            raise _Failed
        await unit.keep(answer, is_stored=not rule.done_again)


# Raises a problem instead of replaying a response that shows one of these records.


def _is_kept_here(method: str, rule: RouteRule) -> bool:
    """Whether this layer stores the response and holds the body in memory; never for a file."""
    return method == "POST" and rule.body is Body.DATA and not (rule.is_open or rule.keeps_keys)


class _Failed(Exception):
    """The response is a problem, so everything is rolled back."""


def _replay_body(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _request(scope: Scope, caller: Caller, body: bytes) -> bytes:
    """Digest of a request: path, content, and the bureau whose data it uses."""
    kind = Headers(scope=scope).get("content-type", "")
    head = f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n{kind}\n"
    head += f"{caller.bureau} {caller.schools} {sorted(caller.scopes)}\n"
    return head.encode() + body
