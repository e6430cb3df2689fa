"""What row security costs: one query as the level role, and as somebody it does not bind."""

import time
from statistics import median

import asyncpg

from tests.bench._handwritten import PAGE
from tests.bench._staff import BUREAU

REPEATS, ROUNDS = 100, 7


async def cost_of_row_security(url: str, after: tuple[str, str]) -> float:
    """The median time of a page with row security over that of the same page without."""
    free, bound = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await bound.execute("set role junheng_schools_bureau")
        await bound.execute("select set_config('app.bureau', $1, false)", BUREAU)
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(ROUNDS):
            for is_bound, connection in ((False, free), (True, bound)):
                page = await connection.prepare(PAGE)
                for _ in range(REPEATS):
                    begin = time.perf_counter()
                    await page.fetchval(BUREAU, *after, 50)
                    times[is_bound].append(time.perf_counter() - begin)
        return median(times[True]) / median(times[False])
    finally:
        await free.close()
        await bound.close()
