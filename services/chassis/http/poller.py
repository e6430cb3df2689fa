"""Polls the database once for all waiting requests."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextvars import Context
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

Event = TypeVar("Event", bound=Hashable)


class Poller(Generic[Event]):
    """Polls regularly while requests are waiting, and wakes those whose event has happened.

    Args:
        happened: returns those of these events that have happened.
        pause: seconds between two polls.
    """

    def __init__(
        self, happened: Callable[[frozenset[Event]], Awaitable[Iterable[Event]]], pause: float
    ) -> None:
        self._happened, self.pause = happened, pause
        self._waiting: defaultdict[Event, set[asyncio.Future[None]]] = defaultdict(set)
        self._polling: asyncio.Task[None] | None = None

    async def wait(self, event: Event, seconds: float) -> bool:
        """Wait for `event`; returns False on timeout."""
        found = asyncio.get_running_loop().create_future()
        self._waiting[event].add(found)
        if self._polling is None:
            # It serves all waiting requests, so it runs outside the trace of this one.
            self._polling = asyncio.create_task(self._poll(), context=Context())
        try:
            async with asyncio.timeout(seconds):
                await found
        except TimeoutError:
            return False
        finally:
            self._waiting[event].discard(found)
            if not self._waiting[event]:
                del self._waiting[event]
        return True

    async def _poll(self) -> None:
        try:
            while self._waiting:
                await self._poll_once()
                await asyncio.sleep(self.pause)
        finally:
            self._polling = None

    async def _poll_once(self) -> None:
        try:
            happened = await self._happened(frozenset(self._waiting))
        except Exception as error:  # any failure: the next poll follows
            log.warning("poll failed", error=repr(error))
            return
        for event in happened:
            for found in self._waiting.get(event, ()):
                if not found.done():
                    found.set_result(None)
