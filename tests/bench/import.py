# ruff: noqa: N999 -- a file is named as its benchmark is called
"""A million rows of staff through the gateway, against COPY into a table with the same indexes.

Both take turns, and begin with an empty table. Beside that: the same file once more, one with
faulty rows, what an import takes of memory, and how long others wait meanwhile.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Literal

import asyncpg

from tests.bench import _county
from tests.bench._bureau import Bureau, bureau
from tests.bench._twin import Twin
from tests.bench._watching import memory_of, p99, reads_of
from tests.bench.report import Check, Report, at_least, at_most

ROWS, LARGE, ROUNDS = 1_000_000, 5_000_000, 3
FAULTY = 0.01
IDLE_SECONDS = 20
FIRST, AGAIN, COPY, SOME_FAULTY = "first import", "unchanged again", "COPY", "1 % faulty"
Mode = Literal["all_or_nothing", "valid_rows"]
WHOLE: Mode = "all_or_nothing"
PARTIAL: Mode = "valid_rows"
_EMPTY = "truncate schools.staff, schools.change_log cascade"
_SETTLE = ("vacuum analyze schools.staff", "vacuum analyze schools.change_log", "checkpoint")


def run() -> Report:
    """Measure all of it."""
    with bureau() as world:
        return _measure(world)


def _measure(world: Bureau) -> Report:
    clean, faulty = world.folder / "staff.csv", world.folder / "faulty.csv"
    _county.write_staff(clean, ROWS)
    bad = _county.write_staff(faulty, ROWS, faulty=FAULTY)
    idle = _reads(world, IDLE_SECONDS)
    with _reading(world) as busy:
        _import(world, clean)
    seconds = asyncio.run(_turns(world, clean, faulty, bad))
    memory = {ROWS: _memory(world, clean)}
    _county.write_staff(clean, LARGE)
    memory[LARGE] = _memory(world, clean)
    return Report("import", _rows(seconds), _checks(seconds, memory, p99(busy) / p99(idle)))


async def _turns(world: Bureau, clean: Path, faulty: Path, bad: int) -> dict[str, list[float]]:
    twin = await Twin.like_staff(world.database_url, world.folder)
    seconds: dict[str, list[float]] = {}
    try:
        for _ in range(ROUNDS):
            await _sql(world, _EMPTY, "checkpoint")
            turn = {FIRST: _import(world, clean)}
            await _sql(world, *_SETTLE)
            turn[AGAIN] = _import(world, clean, unchanged=ROWS)
            turn[COPY] = await twin.load()
            await _sql(world, _EMPTY, "checkpoint")
            turn[SOME_FAULTY] = _import(world, faulty, failed=bad)
            await _sql(world, _EMPTY, "checkpoint")
            turn[WHOLE] = _import(world, clean, mode=WHOLE)
            for name, taken in turn.items():
                seconds.setdefault(name, []).append(taken)
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
    with memory_of(world.registry).running() as watch:
        _import(world, file)
    return max(watch.values)


def _reads(world: Bureau, seconds: float) -> list[float]:
    with _reading(world) as values:
        time.sleep(seconds)
    return values


@contextmanager
def _reading(world: Bureau) -> Iterator[list[float]]:
    """Read single schools meanwhile; how many milliseconds each took."""
    schools = world.client.get("/schools/v1/schools?limit=50")["data"]
    paths = [f"/schools/v1/schools/{school['id']}" for school in schools]
    with reads_of(world.gateway, world.client.token(), paths).running() as watch:
        yield watch.values


async def _sql(world: Bureau, *statements: str) -> None:
    connection = await asyncpg.connect(world.database_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _rows(seconds: dict[str, list[float]]) -> list[dict[str, Any]]:
    return [
        {
            "what": name,
            "seconds": round(median(taken), 1),
            "rows_per_second": round(ROWS / median(taken)),
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
        *(
            at_most(f"memory at {rows // 1_000_000} million rows", taken, 400, "MiB")
            for rows, taken in memory.items()
        ),
        at_most("p99 of reads meanwhile over idle", waiting, 5, "×"),
    ]
