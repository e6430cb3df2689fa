"""What an import does to others while it runs: the memory it takes, the time they wait."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles

import httpx
import psutil

# Reading how much memory a process has costs it time: often would tell more, and slow it down.
_MEMORY_EVERY, _READ_EVERY = 1.0, 0.01


class Watch:
    """Does something over and over in a thread of its own, and keeps what it gives."""

    def __init__(self, look: Callable[[], float], every: float) -> None:
        self.values: list[float] = []
        self._look, self._every = look, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @contextmanager
    def running(self) -> Iterator["Watch"]:
        """Until the end of the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            self.values.append(self._look())


def memory_of(process: psutil.Process) -> Watch:
    """The MiB of a process and what it has started; pages that several have are shared out."""

    def look() -> float:
        total = 0.0
        for one in [process, *process.children(recursive=True)]:
            try:
                total += one.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile
        return total / 2**20

    return Watch(look, _MEMORY_EVERY)


def reads_of(base: str, token: str, paths: list[str]) -> Watch:
    """The milliseconds that single reads take, one after the other."""
    client = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    turn = iter(range(10**9))

    def look() -> float:
        path = paths[next(turn) % len(paths)]
        begin = time.perf_counter()
        client.get(path).raise_for_status()
        return (time.perf_counter() - begin) * 1000

    return Watch(look, _READ_EVERY)


def p99(values: list[float]) -> float:
    """What 99 of 100 do not exceed."""
    return quantiles(values, n=100)[-1]
