"""The most memory that a process and what it has started hold while something happens."""

import threading
from types import TracebackType
from typing import Self

import psutil

_EVERY_SECONDS = 0.05
_MIB = 2**20


class PeakMemory:
    """Looks at processes again and again, pages that several have shared out among them.

    Args:
        process: with what it has started.
        every: seconds between two looks. Each costs the processes time: the less, the more
            memory they have.

    Attributes:
        mib: the most that it held.
    """

    def __init__(self, process: psutil.Process, every: float = _EVERY_SECONDS) -> None:
        self.mib = 0.0
        self._process, self._every, self._over = process, every, threading.Event()
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
            self.mib = max(self.mib, self._look())
            self._over.wait(self._every)

    def _look(self) -> float:
        total = 0.0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile
        return total / _MIB
