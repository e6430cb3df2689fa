"""Keeps house: seals the change log, tends its partitions, clears away answers that are over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeAlias

import structlog

from services.chassis.audit.retention import drop_partitions, make_partitions
from services.chassis.audit.sealing import seal
from services.chassis.database.db import Database
from services.chassis.http.idempotency import forget_expired_answers

log = structlog.get_logger()

_PERIOD_SECONDS = 60
_ROUNDS_PER_DAY = 24 * 60
Duty: TypeAlias = Callable[[Database], Coroutine[Any, Any, Any]]
# What there is to do, and how many rounds lie between one time and the next.
_DUTIES: dict[Duty, int] = {
    seal: 1,
    make_partitions: _ROUNDS_PER_DAY,
    drop_partitions: _ROUNDS_PER_DAY,
    forget_expired_answers: 1,
}


@asynccontextmanager
async def keeping(
    database: Database, *, is_on: bool, duties: Sequence[Duty] = ()
) -> AsyncIterator[None]:
    """Keep house meanwhile; any number of processes may at the same time.

    Args:
        database: the service's.
        is_on: whether this process does it.
        duties: what this service has to do every minute besides what all services have.
    """
    own = dict.fromkeys(duties, 1)
    task = asyncio.create_task(_keep(database, _DUTIES | own)) if is_on else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _keep(database: Database, duties: Mapping[Duty, int]) -> None:
    due = dict.fromkeys(duties, 0)
    for turn in count():
        await asyncio.sleep(_PERIOD_SECONDS)
        for duty, period in duties.items():
            if turn >= due[duty] and await _is_done(duty, database):
                due[duty] = turn + period


async def _is_done(duty: Duty, database: Database) -> bool:
    """Whether a duty could be done; if not, whatever the reason, it is tried again next time."""
    try:
        await duty(database)
    except Exception as error:
        # By kind: the words of a refused statement may hold what stands in a row.
        log.warning(
            "duty not done",
            service=database.name,
            duty=duty.__name__,
            cause=type(error).__name__,
        )
        return False
    return True
