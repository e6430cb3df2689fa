"""Requests that wait for news: which they are, how many an account may have, and when they end."""

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import unquote

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from services.chassis.core.errors import AppError
from services.chassis.core.resources import resources_of
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller

MOST_OF_ACCOUNT = 20
_RETRY_AFTER = 5
_STREAM = re.compile(r"/v1/imports/[^/]+/events$")
_PATIENT = re.compile(r"(?:^|&)wait=(?!0*(?:&|$))")

Result = TypeVar("Result")


class TooManyWaitingRequests(AppError):
    """The account has as many requests waiting as it may have at a time."""

    status = 429
    code = "platform.too_many_waiting_requests"
    title = Text("等待中的请求过多", "Too many requests waiting")
    detail = Text(
        "您已有 {limit} 个请求在等待结果;请等其中之一结束,或不带 wait 参数查询。",
        "{limit} of your requests are waiting; let one of them end, or ask without `wait`.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(_RETRY_AFTER)}, limit=MOST_OF_ACCOUNT)


class WaitingRoom:
    """Those who wait in this process, by account."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()

    @contextmanager
    def place(self, caller: Caller) -> Iterator[None]:
        """A place for one request, as long as it waits.

        Raises:
            TooManyWaitingRequests: the account has all of its places taken.
        """
        if self._inside[caller.subject] >= MOST_OF_ACCOUNT:
            raise TooManyWaitingRequests
        self._inside[caller.subject] += 1
        try:
            yield
        finally:
            self._inside[caller.subject] -= 1
            if not self._inside[caller.subject]:
                del self._inside[caller.subject]


def waiting_room_of(request: Request) -> WaitingRoom:
    """The waiting room of the service that serves `request`."""
    return resources_of(request)[WaitingRoom]


def may_wait(scope: Scope) -> bool:
    """Whether a request, at the gateway or at a service, may last although nothing is done."""
    if scope["method"] != "GET":
        return False
    query = unquote(scope["query_string"].decode("latin-1"))
    return bool(_PATIENT.search(query) or _STREAM.search(scope["path"]))


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` comes to, for a request without a body.

    Raises:
        ClientDisconnect: the client has left before; the work is called off.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
