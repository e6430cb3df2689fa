"""What requests about work that takes long have in common: their key, and waiting for its end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Query

from services.chassis.idempotency import HEADER, MAX_KEY

# Documented with those of all other routes.
Key = Annotated[str | None, Header(alias=HEADER, max_length=MAX_KEY, include_in_schema=False)]
Wait = Annotated[int, Query(ge=0, le=60, description="Seconds to wait for its end (等待秒数)")]
RETRY_AFTER = {"Retry-After": "1"}
_FIRST_POLL, _LONGEST_POLL = 0.02, 0.5


async def wait_until(is_over: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask again and again, ever less often, until it is over or the time is."""
    give_up, pause = time.monotonic() + seconds, _FIRST_POLL
    while not await is_over() and time.monotonic() < give_up:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_POLL)
