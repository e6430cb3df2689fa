"""Periodic maintenance: seals and partitions of the change log, expired responses."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from itertools import count
from typing import Any, TypeAlias

import structlog

from services.chassis.audit.retention import drop_partitions, make_partitions
from services.chassis.audit.sealing import seal
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.http.stored_responses import forget_expired_answers

log = structlog.get_logger()

_PERIOD_SECONDS = 60
_ROUNDS_PER_DAY = 24 * 60
Duty: TypeAlias = Callable[[Resources], Coroutine[Any, Any, Any]]


def _on_database(task: Callable[[Database], Coroutine[Any, Any, Any]]) -> Duty:
    @wraps(task)
    async def duty(resources: Resources) -> None:
        await task(resources[Database])

    return duty


# Duties with the number of rounds between two runs.
_DUTIES: dict[Duty, int] = {
    _on_database(seal): 1,
    _on_database(make_partitions): _ROUNDS_PER_DAY,
    _on_database(drop_partitions): _ROUNDS_PER_DAY,
    _on_database(forget_expired_answers): 1,
}


@asynccontextmanager
async def maintaining(
    resources: Resources, *, is_on: bool, duties: Sequence[Duty] = ()
) -> AsyncIterator[None]:
    """Run the periodic maintenance meanwhile; any number of processes may do so.

    Args:
        resources: of the service.
        is_on: whether this process does it.
        duties: tasks of this service for every minute, besides those of all services.
    """
    own = dict.fromkeys(duties, 1)
    task = asyncio.create_task(_keep(resources, _DUTIES | own)) if is_on else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _keep(resources: Resources, duties: Mapping[Duty, int]) -> None:
    due = dict.fromkeys(duties, 0)
    for turn in count():
        await asyncio.sleep(_PERIOD_SECONDS)
        for duty, period in duties.items():
            if turn >= due[duty] and await _is_done(duty, resources):
                due[duty] = turn + period


async def _is_done(duty: Duty, resources: Resources) -> bool:
    """Whether a duty succeeded; after any failure it is repeated in the next round."""
    try:
        await duty(resources)
    except Exception as error:
        # The kind of the error only: the message of PostgreSQL may quote values of a row.
        log.warning(
            "duty not done",
            service=resources[Database].name,
            duty=duty.__name__,
            cause=type(error).__name__,
        )
        return False
    return True
