"""Works on several bureaus or cases at a time, as many as the reference machine bears."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import TypeVar

from client.demo.persistence import persist
from client.demo.progress import Meter
from client.demo.tally import Tally

Item = TypeVar("Item")
# The services have two cores there; more requests at once would only wait for each other.
WORKERS = 3


def work_in_parallel(
    items: Sequence[Item],
    work: Callable[[Item], Tally],
    units: Callable[[Item], int],
    meter: Meter,
) -> None:
    """Work on every item; the first failure ends it all.

    Args:
        items: what to work on.
        work: what to do with each; begun again while a service is away.
        units: how much of the bar an item is.
        meter: shows it.
    """
    pool = ThreadPoolExecutor(WORKERS)
    try:
        started = {
            pool.submit(persist, partial(work, item), meter.away): units(item) for item in items
        }
        for done in as_completed(started):
            meter.advance(started[done], done.result())
    finally:
        pool.shutdown(cancel_futures=True)
