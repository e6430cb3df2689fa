"""Turns at something scarce: one account never has all of them, and services have their own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.core.errors import Overloaded
from services.chassis.database.auth import Caller


class Turns:
    """Hands out turns, first to those who have waited longest.

    Args:
        count: how many there are, at least two. One of them is for services only.
    """

    def __init__(self, count: int) -> None:
        self._of_all = max(count, 2)
        self._of_accounts = self._of_all - 1
        self._of_each = (self._of_accounts + 1) // 2
        self._taken = Counter[str]()
        self._waiting: list[tuple[Caller, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, caller: Caller, seconds: float) -> AsyncIterator[None]:
        """A turn for `caller`, for which it waits so many seconds.

        Raises:
            Overloaded: none came in time (503, try again).
        """
        await self._wait(caller, seconds)
        try:
            yield
        finally:
            self._give_back(caller)

    async def _wait(self, caller: Caller, seconds: float) -> None:
        if self._may_go(caller):
            self._taken[caller.subject] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((caller, turn))
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._give_back(caller)  # it came just when nobody waited any more
            if isinstance(error, TimeoutError):
                raise Overloaded from error
            raise
        finally:
            self._waiting.remove((caller, turn))

    def _give_back(self, caller: Caller) -> None:
        self._taken[caller.subject] -= 1
        self._taken += Counter()  # without the zeros
        for waiting, turn in self._waiting:
            if not turn.done() and self._may_go(waiting):
                self._taken[waiting.subject] += 1
                turn.set_result(None)

    def _may_go(self, caller: Caller) -> bool:
        if caller.is_service:
            return self._taken.total() < self._of_all
        is_free = self._taken.total() < self._of_accounts
        return is_free and self._taken[caller.subject] < self._of_each
