"""The one clock for business dates; in development a system administrator can move it.

Working days, public notices and deadlines ask this clock. Token lifetimes and the times of
the change log do not: they are facts about the machine.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.database.db import Database

CHINA = ZoneInfo("Asia/Shanghai")
_REFRESH_SECONDS = 1.0


class Clock:
    """Now, plus the offset stored in the service's own schema (always 0 in production)."""

    def __init__(self, database: Database, *, movable: bool) -> None:
        self._database = database
        self._movable = movable
        self._offset = timedelta()
        self._read_at = float("-inf")

    async def now(self) -> datetime:
        """The moment, in China's time zone."""
        return datetime.now(UTC).astimezone(CHINA) + await self._current_offset()

    async def today(self) -> date:
        """The calendar day in China."""
        return (await self.now()).date()

    async def move(self, offset: timedelta) -> datetime:
        """Store a new offset and return the resulting moment (development only)."""
        async with self._database.connection(None) as connection:
            await connection.execute("update clock set offset_seconds = $1", offset.total_seconds())
        self._offset, self._read_at = offset, time.monotonic()
        return await self.now()

    async def _current_offset(self) -> timedelta:
        if not self._movable:
            return timedelta()
        if time.monotonic() - self._read_at > _REFRESH_SECONDS:
            async with self._database.connection(None) as connection:
                seconds = await connection.fetchval("select offset_seconds from clock")
            self._offset, self._read_at = timedelta(seconds=seconds), time.monotonic()
        return self._offset
