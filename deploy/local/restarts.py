"""Schedule of restarts of a failing process, and the decision to give up."""

import time
from collections.abc import Callable

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
# After working this long, a process starts with short delays again.
STEADY_SECONDS = 60.0
# Exit status of a process that failed only because another one did not respond.
TRY_AGAIN = 75


class Restarts:
    """The restarts of one process: immediately, then after delays that double.

    Args:
        patience: seconds without success after which it is given up.
        clock: the time in seconds.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._clock = patience, clock
        self._ends = 0
        self._due_at = 0.0
        self._works_since: float | None = clock()
        self._fails_since = 0.0

    def ended(self) -> float:
        """Record that it has ended or could not be started; returns the delay in seconds."""
        now = self._clock()
        if self._works_since is not None:
            self._fails_since = now
            if now - self._works_since >= STEADY_SECONDS:
                self._ends = 0
            self._works_since = None
        delay = min(FIRST_DELAY * 2.0 ** (self._ends - 1), LONGEST_DELAY) if self._ends else 0.0
        self._ends += 1
        self._due_at = now + delay
        return delay

    def works(self) -> None:
        """Record that it is working."""
        if self._works_since is None:
            self._works_since = self._clock()

    @property
    def is_due(self) -> bool:
        """Whether it is time to restart it."""
        return self._clock() >= self._due_at

    @property
    def is_hopeless(self) -> bool:
        """Whether it has failed for so long that an administrator has to intervene."""
        return self._works_since is None and self._clock() - self._fails_since > self._patience
