"""Keeps house: seals the change log, tends its partitions, clears away answers that are over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from services.chassis.db import Database
from services.chassis.errors import Unavailable
from services.chassis.idempotency import forget_expired_answers
from services.chassis.retention import drop_partitions, make_partitions
from services.chassis.sealing import seal

log = structlog.get_logger()

_PERIOD_SECONDS = 60
_ROUNDS_PER_DAY = 24 * 60
Chore = Callable[[Database], Awaitable[Any]]


@asynccontextmanager
async def keeping(database: Database, *, is_on: bool) -> AsyncIterator[None]:
    """Keep house meanwhile; any number of processes may at the same time."""
    task = asyncio.create_task(_keep(database)) if is_on else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _keep(database: Database) -> None:
    turn = 0
    while True:
        await asyncio.sleep(_PERIOD_SECONDS)
        await _done(forget_expired_answers, database)
        is_daily = turn % _ROUNDS_PER_DAY == 0
        if await _done(keep_log if is_daily else seal, database):
            turn += 1


async def keep_log(database: Database) -> None:
    """Seal the change log, and have the partitions that it should have."""
    await seal(database)
    await make_partitions(database)
    await drop_partitions(database)


async def _done(chore: Chore, database: Database) -> bool:
    """Whether a chore could be done; what cannot be done now is tried again in a minute."""
    try:
        await chore(database)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
        log.warning(
            "chore not done", chore=chore.__name__, service=database.name, error=repr(error)
        )
        return False
    return True
