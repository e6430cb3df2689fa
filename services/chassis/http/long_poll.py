"""Long polling: concurrent waiting requests of an account, and their end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from services.chassis.core.errors import AppError
from services.chassis.core.resources import resources_of
from services.chassis.core.text import Text
from services.chassis.http.places import Places

MOST_OF_ACCOUNT = 20

Result = TypeVar("Result")


class TooManyWaitingRequests(AppError):
    """The account already has the maximum number of waiting requests."""

    status = 429
    code = "platform.too_many_waiting_requests"
    title = Text("等待中的请求过多", "Too many waiting requests")
    detail = Text(
        "您已有 {limit} 个请求在等待结果；请等其中之一结束，或不带 wait 参数查询。",
        "{limit} of your requests are waiting; let one of them end, or omit `wait`.",
    )


class WaitingPlaces(Places):
    """Slots for waiting requests of a process, limited for each account."""

    def __init__(self) -> None:
        super().__init__(MOST_OF_ACCOUNT, TooManyWaitingRequests)


def waiting_places_of(request: Request) -> WaitingPlaces:
    """The instance of the service that serves `request`."""
    return resources_of(request)[WaitingPlaces]


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, for a request without a body.

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
