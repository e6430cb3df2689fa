"""Password hashing with argon2id in a bounded number of worker threads."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.chassis.core.errors import Unavailable

# OWASP's second recommendation: 19 MiB, 2 passes, 1 lane; 26 ms on the reference machine.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_WORKERS = 2
_MAX_WAITING = 200


class Passwords:
    """Hashes and verifies passwords with bounded memory and a bounded queue."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(
            memory_cost=_MEMORY_KIB, time_cost=_PASSES, parallelism=_LANES
        )
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="argon2")
        self._slots = asyncio.Semaphore(_WORKERS)
        self._waiting = 0
        self._decoy = self._argon2.hash("nobody has this password")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a free worker.

        Take a turn before locking a row for verification, so that a flood of logins waits here and
        does not occupy database connections.

        Raises:
            Unavailable: too many callers are waiting.
        """
        if self._waiting >= _MAX_WAITING:
            raise Unavailable(retry_after=5)
        self._waiting += 1
        try:
            async with self._slots:
                yield
        finally:
            self._waiting -= 1

    async def hash(self, password: str) -> str:
        """The encoded hash of a new password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._argon2.hash, password)

    async def hash_all(self, passwords: Sequence[str]) -> list[str]:
        """The hashes of several passwords, two at a time, so that logins can run in between."""
        hashes: list[str] = []
        for start in range(0, len(passwords), _WORKERS):
            batch = passwords[start : start + _WORKERS]
            hashes += await asyncio.gather(*(self.hash(password) for password in batch))
        return hashes

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` matches the stored hash; takes the same time without one."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            return self._argon2.verify(stored or self._decoy, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
