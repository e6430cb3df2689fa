# ruff: noqa: N999 -- a file is named as its benchmark is called
"""A million rows of staff through the gateway, against COPY into a table with the same indexes.

Both take turns, and begin with an empty table. Beside that: the same file once more, one with
faulty rows, what an import takes of memory, and how long others wait meanwhile.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from typing import Any, Literal

import asyncpg

from tests.bench import _county
from tests.bench._bureau import Bureau, bureau
from tests.bench._memory import PeakMemory
from tests.bench._twin import Twin
from tests.bench._watching import Reads
from tests.bench.report import Check, Report, at_least, at_most

ROUNDS, TIMES, FAULTY, IDLE_SECONDS = 3, 5, 0.01, 20
QUICK = {"rows": 100_000, "ROUNDS": 2, "TIMES": 2, "IDLE_SECONDS": 5}
_LOOK_EVERY = 1.0
FIRST, AGAIN, COPY, SOME_FAULTY = "first import", "unchanged again", "COPY", "1 % faulty"
Mode = Literal["all_or_nothing", "valid_rows"]
WHOLE: Mode = "all_or_nothing"
PARTIAL: Mode = "valid_rows"
_EMPTY = "truncate schools.staff, schools.change_log cascade"
_SETTLE = ("vacuum analyze schools.staff", "vacuum analyze schools.change_log", "checkpoint")


def run(rows: int = 1_000_000) -> Report:
    """Import so many rows in every way, in turns; in the end once five times as many."""
    with bureau() as world:
        return _measure(world, rows)


def _measure(world: Bureau, rows: int) -> Report:
    schools, clean, faulty = (world.folder / f"{n}.csv" for n in ("schools", "clean", "faulty"))
    _county.write_schools(schools)
    _county.write_staff(clean, rows)
    bad = _county.write_staff(faulty, rows, faulty=FAULTY)
    world.client.import_file("schools", schools)
    with _reading(world) as idle:
        time.sleep(IDLE_SECONDS)
    with _reading(world) as busy:
        _import(world, clean)
    seconds = asyncio.run(_turns(world, clean, faulty, {"unchanged": rows, "failed": bad}))
    memory = {rows: _memory(world, clean)}
    _county.write_staff(clean, TIMES * rows)
    memory[TIMES * rows] = _memory(world, clean)
    return Report("import", _rows(seconds, rows), _checks(seconds, memory, busy.p99 / idle.p99))


async def _turns(
    world: Bureau, clean: Path, faulty: Path, counts: dict[str, int]
) -> dict[str, list[float]]:
    twin = await Twin.like_staff(world.database_url, world.folder)
    seconds: dict[str, list[float]] = {}
    try:
        for _ in range(ROUNDS):
            # What is compared follows at once: a machine is faster one minute than another.
            turn = {COPY: await twin.load()}
            await _sql(world, _EMPTY, "checkpoint")
            turn[SOME_FAULTY] = _import(world, faulty, failed=counts["failed"])
            await _sql(world, _EMPTY, "checkpoint")
            turn[FIRST] = _import(world, clean)
            await _sql(world, *_SETTLE)
            turn[AGAIN] = _import(world, clean, unchanged=counts["unchanged"])
            for name, taken in turn.items():
                seconds.setdefault(name, []).append(taken)
        await _sql(world, _EMPTY, "checkpoint")
        seconds[WHOLE] = [_import(world, clean, mode=WHOLE)]
    finally:
        await twin.close()
    return seconds


def _import(world: Bureau, file: Path, *, mode: Mode = PARTIAL, **counts: int) -> float:
    """Import a file of staff; the seconds until its end is known."""
    begin = time.perf_counter()
    job = world.client.import_file("staff", file, mode=mode)
    taken = time.perf_counter() - begin
    for name, count in counts.items():
        assert getattr(job.progress, name) == count, job.progress
    return taken


def _memory(world: Bureau, file: Path) -> float:
    asyncio.run(_sql(world, _EMPTY, "checkpoint"))
    with PeakMemory(world.registry, _LOOK_EVERY) as memory:
        _import(world, file)
    return memory.mib


def _reading(world: Bureau) -> Reads:
    """Read single schools meanwhile."""
    schools = world.client.get("/schools/v1/schools?limit=50")["data"]
    paths = [f"/schools/v1/schools/{school['id']}" for school in schools]
    return Reads(world.gateway, world.client.token(), paths)


async def _sql(world: Bureau, *statements: str) -> None:
    connection = await asyncpg.connect(world.database_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _rows(seconds: dict[str, list[float]], rows: int) -> list[dict[str, Any]]:
    return [
        {
            "what": name,
            "seconds": round(median(taken), 1),
            "rows_per_second": round(rows / median(taken)),
        }
        for name, taken in seconds.items()
    ]


def _checks(
    seconds: dict[str, list[float]], memory: dict[int, float], waiting: float
) -> list[Check]:
    def ratio(one: str, other: str) -> float:
        return median(a / b for a, b in zip(seconds[one], seconds[other], strict=True))

    return [
        at_least("rate over that of COPY", ratio(COPY, FIRST), 0.8, "×"),
        at_least("unchanged again over first", ratio(FIRST, AGAIN), 4, "×"),
        at_most("1 % faulty over none", ratio(SOME_FAULTY, FIRST), 1.1, "×"),
        *(at_most(f"memory at {rows:,} rows", taken, 400, "MiB") for rows, taken in memory.items()),
        at_most("p99 of reads meanwhile over idle", waiting, 5, "×"),
    ]
