"""How long single reads take, one after the other, while something else goes on."""

import threading
import time
from collections.abc import Sequence
from statistics import quantiles
from types import TracebackType
from typing import Self

import httpx

_EVERY_SECONDS = 0.01


class Reads:
    """Reads addresses in turn, from a thread of its own.

    Attributes:
        milliseconds: what each read took.
    """

    def __init__(self, base: str, token: str, paths: Sequence[str]) -> None:
        self.milliseconds: list[float] = []
        self._paths, self._over = paths, threading.Event()
        self._client = httpx.Client(
            base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        self._reading = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reading.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._reading.join()
        self._client.close()

    @property
    def p99(self) -> float:
        """What 99 of 100 did not exceed."""
        return quantiles(self.milliseconds, n=100)[-1]

    def _read(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            path = self._paths[len(self.milliseconds) % len(self._paths)]
            begin = time.perf_counter()
            self._client.get(path).raise_for_status()
            self.milliseconds.append((time.perf_counter() - begin) * 1000)
