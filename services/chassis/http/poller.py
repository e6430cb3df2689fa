"""Polls the database once for all waiting requests."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextvars import Context
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

Key = TypeVar("Key", bound=Hashable)


class Poller(Generic[Key]):
    """Polls regularly while requests are waiting, and wakes those with news.

    Args:
        look: which of these keys have news.
        pause: seconds between two looks.
    """

    def __init__(
        self, look: Callable[[frozenset[Key]], Awaitable[Iterable[Key]]], pause: float
    ) -> None:
        self._look, self.pause = look, pause
        self._waiting: defaultdict[Key, set[asyncio.Future[None]]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    async def news(self, key: Key, seconds: float) -> bool:
        """Wait for news of `key`; returns False on timeout."""
        found = asyncio.get_running_loop().create_future()
        self._waiting[key].add(found)
        if self._watch is None:
            # It serves all waiting requests, so it runs outside the trace of this one.
            self._watch = asyncio.create_task(self._look_out(), context=Context())
        try:
            async with asyncio.timeout(seconds):
                await found
        except TimeoutError:
            return False
        finally:
            self._waiting[key].discard(found)
            if not self._waiting[key]:
                del self._waiting[key]
        return True

    async def _look_out(self) -> None:
        try:
            while self._waiting:
                await self._look_once()
                await asyncio.sleep(self.pause)
        finally:
            self._watch = None

    async def _look_once(self) -> None:
        try:
            news = await self._look(frozenset(self._waiting))
        except Exception as error:  # any failure: the next poll follows
            log.warning("look for news failed", error=repr(error))
            return
        for key in news:
            for found in self._waiting.get(key, ()):
                if not found.done():
                    found.set_result(None)
