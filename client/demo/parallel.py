"""Parallel work on bureaus or cases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import TypeVar

from client.demo.progress import Meter
from client.demo.retrying import retry_step
from client.demo.tally import Tally

Item = TypeVar("Item")
# For a machine with two cores: more parallel requests would only wait for each other.
WORKERS = 3


def work_in_parallel(
    items: Sequence[Item],
    work: Callable[[Item], Tally],
    units: Callable[[Item], int],
    meter: Meter,
) -> None:
    """Process every item; the first failure stops all.

    Args:
        items: items to process.
        work: processes one item; repeated while a service is unavailable.
        units: share of an item in the progress.
        meter: shows the progress.
    """
    pool = ThreadPoolExecutor(WORKERS)
    try:
        started = {
            pool.submit(retry_step, partial(work, item), meter.on_outage): units(item)
            for item in items
        }
        for done in as_completed(started):
            meter.advance(started[done], done.result())
    finally:
        pool.shutdown(cancel_futures=True)
