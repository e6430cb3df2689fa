"""What requests about work that takes long have in common: their key, and waiting for its end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import nullcontext
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response

from services.chassis.database.auth import Caller, current_caller
from services.chassis.database.db import Database
from services.chassis.http.idempotency import HEADER
from services.chassis.http.long_poll import waiting_places_of, while_connected
from services.chassis.http.poller import Lookout

# Documented with those of all other routes.
Key = Annotated[str, Header(alias=HEADER, include_in_schema=False)]
RETRY_AFTER = {"Retry-After": "1"}
LOOK_SECONDS = 0.1

_Seconds = Annotated[int, Query(ge=0, le=60, description="Seconds to wait for its end (等待秒数)")]
_TheCaller = Annotated[Caller, Depends(current_caller)]


async def places_while_waiting(
    request: Request, caller: _TheCaller, wait: _Seconds = 0
) -> AsyncIterator[int]:
    """How long a request is ready to wait; it has a place in the waiting room meanwhile."""
    with waiting_places_of(request).place(caller) if wait else nullcontext():
        yield wait


async def places_while_streaming(request: Request, caller: _TheCaller) -> AsyncIterator[None]:
    """A place in the waiting room for a stream of news, until it ends."""
    with waiting_places_of(request).place(caller):
        yield


Wait = Annotated[int, Depends(places_while_waiting)]
Streaming = Depends(places_while_streaming)


class Awaited(NamedTuple):
    """What somebody waits for: a job's end, or any change since a version of it."""

    job_id: UUID
    version: int | None = None


def job_lookout(database: Database, table: str, over: Collection[str]) -> Lookout[Awaited]:
    """Looks at the jobs of a table for those who wait for them.

    Args:
        database: whose table it is.
        table: of the jobs, with `id`, `version` and `state`.
        over: the states in which nothing more is to be waited for.
    """

    async def look(awaited: frozenset[Awaited]) -> list[Awaited]:
        async with database.connection(None) as connection:
            rows = await connection.fetch(
                f"select id, version, state from {table} where id = any($1)",
                list({one.job_id for one in awaited}),
            )
        found = {row["id"]: row for row in rows}
        return [one for one in awaited if _is_news(one, found.get(one.job_id))]

    def _is_news(awaited: Awaited, row: Any) -> bool:
        if row is None or row["state"] in over:
            return True
        return awaited.version is not None and row["version"] != awaited.version

    return Lookout(look, LOOK_SECONDS)


async def answer_when_over(
    request: Request,
    answer: Callable[[], Awaitable[Response]],
    lookout: Lookout[Awaited],
    job_id: UUID,
    seconds: int,
) -> Response:
    """The answer once the job is over or the time is; `Retry-After` in it says that it is not."""
    response = await answer()
    if seconds and "Retry-After" in response.headers:
        await while_connected(request.receive, lookout.news(Awaited(job_id), seconds))
        response = await answer()
    return response
