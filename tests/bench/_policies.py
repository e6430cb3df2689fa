"""What row security costs: one query as the level role, and as somebody it does not bind."""

import time
from itertools import cycle, islice
from statistics import median
from typing import Literal

import asyncpg

from tests.bench._handwritten import PAGE
from tests.bench._staff import BUREAU

REPEATS = 1000
# As the service asks for a page of the whole list, and as it asks for any other.
Planned = Literal["once", "each time"]
_MODES: dict[Planned, str] = {"once": "force_generic_plan", "each time": "force_custom_plan"}


async def cost_of_row_security(url: str, after: tuple[str, str], planned: Planned) -> float:
    """The median time of a page with row security over that of the same page without.

    Page by page in turns, either beginning as often: what the machine does meanwhile hits both
    alike. In turns of a hundred, one run differed from the next by more than row security costs.
    """
    free, bound = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await bound.execute("set role junheng_schools_bureau")
        await bound.execute("select set_config('app.bureau', $1, false)", BUREAU)
        pages = []
        times: tuple[list[float], list[float]] = [], []
        for connection in (free, bound):
            await connection.execute(f"set plan_cache_mode = {_MODES[planned]}")
            pages.append(await connection.prepare(PAGE))
        for turn in islice(cycle((0, 1, 1, 0)), 2 * REPEATS):
            begin = time.perf_counter()
            await pages[turn].fetchval(BUREAU, *after, 50)
            times[turn].append(time.perf_counter() - begin)
        return median(times[1]) / median(times[0])
    finally:
        await free.close()
        await bound.close()
