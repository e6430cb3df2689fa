"""Keeps the change log: seals what is complete, makes partitions ahead, drops old ones.

Once a day it also deletes the answers to idempotent requests whose time is over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from services.chassis.db import Database
from services.chassis.errors import Unavailable
from services.chassis.idempotency import forget_expired
from services.chassis.retention import drop_partitions, make_partitions
from services.chassis.sealing import seal

log = structlog.get_logger()

_PERIOD_SECONDS = 60
_ROUNDS_PER_DAY = 24 * 60


@asynccontextmanager
async def keeping(database: Database, *, is_on: bool) -> AsyncIterator[None]:
    """Keep the change log meanwhile; any number of processes may, one of them does."""
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
        try:
            await seal(database)
            if turn % _ROUNDS_PER_DAY == 0:
                await make_partitions(database)
                await drop_partitions(database)
                await forget_expired(database)
            turn += 1
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable) as error:
            log.warning("change log not kept", service=database.name, error=repr(error))
