"""Requests that wait for an operation: long polls, and streams of its changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response

from services.chassis.database.auth import Caller, current_caller
from services.chassis.http.long_poll import waiting_places_of, while_connected
from services.chassis.operations.operations import Operations
from services.chassis.operations.polling import AwaitedChange

# Seconds between two signs of life of a stream without changes.
_ALIVE_SECONDS = 15

_Seconds = Annotated[int, Query(ge=0, le=60, description="Seconds to wait for its end (等待秒数)")]
_TheCaller = Annotated[Caller, Depends(current_caller)]
Answer = Callable[[], Awaitable[Response]]


async def places_while_waiting(
    request: Request, caller: _TheCaller, wait: _Seconds = 0
) -> AsyncIterator[int]:
    """The seconds that a request waits; it takes one of the account's places meanwhile."""
    with waiting_places_of(request).place(caller) if wait else nullcontext():
        yield wait


async def places_while_streaming(request: Request, caller: _TheCaller) -> AsyncIterator[None]:
    """One of the account's places, until the stream ends."""
    with waiting_places_of(request).place(caller):
        yield


Wait = Annotated[int, Depends(places_while_waiting)]
Streaming = Depends(places_while_streaming)


async def answer_at_end(
    request: Request, answer: Answer, operations: Operations, operation_id: UUID, seconds: int
) -> Response:
    """The answer when the operation has ended or the time is over.

    `Retry-After` in an answer says that the operation has not ended.
    """
    response = await answer()
    if seconds and "Retry-After" in response.headers:
        coming = operations.poller.wait(AwaitedChange(operation_id), seconds)
        await while_connected(request.receive, coming)
        response = await answer()
    return response


async def events(
    answer: Answer, operations: Operations, operation_id: UUID, first: Response
) -> AsyncIterator[bytes]:
    """Server-sent events: the operation whenever it has changed, until it has ended."""
    document = bytes(first.body)
    while True:
        row = orjson.loads(document)
        yield b"event: progress\nid: %d\ndata: %s\n\n" % (row["version"], document)
        if row["state"] in operations.kind.quiet:
            return
        awaited = AwaitedChange(operation_id, row["version"])
        while not await operations.poller.wait(awaited, _ALIVE_SECONDS):
            yield b": \n\n"  # keeps the connection open
        document = bytes((await answer()).body)
