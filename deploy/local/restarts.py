"""When a process that keeps ending is started again, and when it is given up."""

import time
from collections.abc import Callable

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
# One that has worked for so long begins with short delays again.
STEADY_SECONDS = 60.0
# The exit status of a process that failed only because another one did not answer.
TRY_AGAIN = 75


class Restarts:
    """The restarts of one process: at once, then after delays that double.

    Args:
        patience: seconds without any success after which it is given up.
        clock: tells the time in seconds.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._clock = patience, clock
        self._ends = 0
        self._due_at = 0.0
        self._works_since: float | None = clock()
        self._fails_since = 0.0

    def ended(self) -> float:
        """Note that it has ended, or could not be started; how long to wait now, in seconds."""
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
        """Note that it does its work."""
        if self._works_since is None:
            self._works_since = self._clock()

    @property
    def is_due(self) -> bool:
        """Whether it is time to start it again."""
        return self._clock() >= self._due_at

    @property
    def is_hopeless(self) -> bool:
        """Whether it has not worked for so long that a person has to look at it."""
        return self._works_since is None and self._clock() - self._fails_since > self._patience
