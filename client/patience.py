"""When to try again: overload and outages pass, and some calls may be repeated meanwhile."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

TOO_MANY, BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT = 429, 502, 503, 504
OUTAGES = frozenset({BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT})


@dataclass(frozen=True)
class Patience:
    """How long to keep trying, and how quickly.

    Attributes:
        seconds: give up when an outage has lasted so long; 0 never tries twice.
        first_wait: about how long to wait the first time; doubled each time.
        longest_wait: no wait of our own is longer; one that the server asks for may be.
    """

    seconds: float = 30.0
    first_wait: float = 0.2
    longest_wait: float = 5.0

    def begin(self) -> "Trial":
        """Start counting for one call."""
        return Trial(self)


class Trial:
    """The waits of one call so far."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._give_up_at = time.monotonic() + patience.seconds
        self._wait = patience.first_wait

    def wait(self, asked_for: float | None, sleep: Callable[[float], None]) -> bool:
        """Wait before another try; False, without waiting, when patience ends before that.

        Half of each wait is random, so that many clients do not return in step.
        """
        ours = self._wait * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._wait = min(self._wait * 2, self._patience.longest_wait)
        wait = max(ours, asked_for or 0.0)
        if time.monotonic() + wait > self._give_up_at:
            return False
        sleep(wait)
        return True


def is_worth_repeating(response: httpx.Response, *, repeatable: bool) -> bool:
    """Whether the same request may succeed later and may be sent again.

    A request refused by a rate limit has done nothing; one lost in an outage may have.
    """
    if response.status_code == TOO_MANY:
        return True
    return repeatable and response.status_code in OUTAGES
