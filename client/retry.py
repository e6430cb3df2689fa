"""Retries after overload and outages, with exponential backoff."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

TOO_MANY, BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT = 429, 502, 503, 504
OUTAGES = frozenset({BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT})


@dataclass(frozen=True)
class RetryPolicy:
    """Duration and pace of retries.

    Attributes:
        seconds: how long to keep retrying; 0 disables retries.
        first_delay: approximate first delay in seconds; doubled each time.
        max_delay: longest delay in seconds, unless the server asks for a longer one.
    """

    seconds: float = 30.0
    first_delay: float = 0.2
    max_delay: float = 5.0

    def begin(self) -> "Backoff":
        """Start the retries of one call."""
        return Backoff(self)


class Backoff:
    """The delays between the attempts of one call."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._give_up_at = time.monotonic() + policy.seconds
        self._delay = policy.first_delay

    def wait(self, retry_after: float | None, sleep: Callable[[float], None]) -> bool:
        """Wait before the next attempt. Returns False, without waiting, if time would run out.

        Up to half of each delay is random, so that many clients do not retry in step.
        """
        own_delay = self._delay * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._delay = min(self._delay * 2, self._policy.max_delay)
        delay = max(own_delay, retry_after or 0.0)
        if time.monotonic() + delay > self._give_up_at:
            return False
        sleep(delay)
        return True


def is_retryable(response: httpx.Response, *, repeatable: bool) -> bool:
    """Whether the same request may be sent again and may then succeed.

    A request refused by a rate limit had no effect; one lost in an outage may have had one.
    """
    if response.status_code == TOO_MANY:
        return True
    return repeatable and response.status_code in OUTAGES
