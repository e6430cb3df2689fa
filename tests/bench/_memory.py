"""The most memory that a process holds while something happens."""

import threading
from types import TracebackType
from typing import Self

import psutil

_EVERY_SECONDS = 0.05


class PeakMemory:
    """Looks at a process again and again, pages that it shares with others shared out.

    Attributes:
        mib: the most that it held.
    """

    def __init__(self, process: psutil.Process) -> None:
        self.mib = 0.0
        self._process, self._over = process, threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watching.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.mib = max(self.mib, self._process.memory_full_info().pss / 2**20)
            self._over.wait(_EVERY_SECONDS)
