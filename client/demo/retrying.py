"""Repeats a step of the demo after an outage.

Every step first checks what is done already, so repeating it does nothing twice. It is safe even
where a single request may not be sent twice.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from client.demo.errors import DemoFailed
from client.problems import JunhengError, Problem, Unreachable
from client.retry import RetryPolicy
from client.text import Text

Done = TypeVar("Done")

STEP_RETRIES = RetryPolicy(seconds=60.0, first_delay=0.5, max_delay=3.0)
# Policy for a single call; a step retries for longer.
CALL_RETRIES = RetryPolicy(seconds=5.0)
_GIVEN_UP = Text(
    "{seconds:.0f} 秒内服务未恢复：{detail}。恢复后请再次运行，会从中断处继续。",
    "No answer for {seconds:.0f} s: {detail}. Run the demo again later to resume it.",
)


def retry_step(
    work: Callable[[], Done],
    on_outage: Callable[[JunhengError], None],
    retry_policy: RetryPolicy = STEP_RETRIES,
    sleep: Callable[[float], None] = time.sleep,
) -> Done:
    """Perform a step, repeating it while a service is unavailable.

    Args:
        work: the step.
        on_outage: called for each outage before waiting.
        retry_policy: how long to retry.
        sleep: function that waits.

    Raises:
        DemoFailed: the service did not recover in time.
        Problem: a refusal that is not due to an outage.
    """
    backoff = retry_policy.begin()
    while True:
        try:
            return work()
        except (Problem, Unreachable) as failure:
            if isinstance(failure, Problem) and not failure.is_outage:
                raise
            on_outage(failure)
            if not backoff.wait(None, sleep):
                detail = failure.detail if isinstance(failure, Problem) else str(failure)
                raise DemoFailed(
                    _GIVEN_UP, seconds=retry_policy.seconds, detail=detail
                ) from failure
