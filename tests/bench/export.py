"""A registry exported through the gateway, and by PostgreSQL alone as `psql`'s `\\copy` does it.

All take turns. CSV is the same file either way, byte by byte: same columns, same order.
"""

import asyncio
import gzip
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil

from tests.bench._bureau import Bureau, bureau
from tests.bench._memory import PeakMemory
from tests.bench._staff import fill
from tests.bench._ways import Gateway, copied
from tests.bench.report import Report, at_least, at_most

# A time as the API writes it, in parts of how COPY does.
_TIME = re.compile(rb"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?\+08):00")

ROUNDS, OTHERS = 7, 2000
QUICK = {"rows": 100_000, "ROUNDS": 2}
COPY, CSV, PACKED, JOB = "COPY to a file", "csv", "csv, gzip", "csv, job"
# A workbook of all would take minutes: so many schools of two thousand.
BOOK_SCHOOLS = 100
RATIO = 0.7
MEMORY_MIB = 250
_MIB = 2**20


class Turn(NamedTuple):
    """One export: what came of it, and the most memory that the service held."""

    seconds: float
    size: int
    memory: float


def run(rows: int = 1_000_000) -> Report:
    """Export so many rows in every way, in turns."""
    with bureau() as world:
        asyncio.run(fill(world.database_url, rows, OTHERS))
        return _measure(world, rows)


def _measure(world: Bureau, rows: int) -> Report:
    gateway = Gateway(world.gateway, world.client.token())
    schools = [f"21{number:08}" for number in range(1, BOOK_SCHOOLS + 1)]
    ways: dict[str, Callable[[Path], None]] = {
        COPY: lambda file: copied(world.database_url, file),
        CSV: lambda file: gateway.stream(file, format="csv"),
        PACKED: lambda file: gateway.stream(file, format="csv", compress="gzip"),
        "ndjson": lambda file: gateway.stream(file, format="ndjson"),
        JOB: lambda file: gateway.job(file, format="csv"),
        "xlsx": lambda file: gateway.stream(file, format="xlsx", school_code=schools),
    }
    counts = dict.fromkeys(ways, rows) | {"xlsx": rows * BOOK_SCHOOLS // 2000}
    files = {way: world.folder / str(number) for number, way in enumerate(ways)}
    turns: dict[str, list[Turn]] = {way: [] for way in ways}
    for number in range(ROUNDS + 1):
        for way, work in ways.items():
            turn = _take_turn(work, files[way], world.registry)
            if number:  # the first one warms up
                turns[way].append(turn)
    _compare(files, rows)
    return _report(turns, counts)


def _take_turn(work: Callable[[Path], None], file: Path, service: psutil.Process) -> Turn:
    file.unlink(missing_ok=True)
    with PeakMemory(service) as memory:
        begin = time.perf_counter()
        work(file)
        seconds = time.perf_counter() - begin
    return Turn(seconds, file.stat().st_size, memory.mib)


def _compare(files: dict[str, Path], rows: int) -> None:
    """Without the same content, no comparison."""
    whole = files[COPY].read_bytes()
    assert whole.count(b"\n") == rows + 1
    assert _TIME.sub(rb"\1 \2", files[CSV].read_bytes()) == whole
    assert files[CSV].read_bytes() == files[JOB].read_bytes()
    assert gzip.decompress(files[PACKED].read_bytes()) == files[CSV].read_bytes()
    assert files["ndjson"].read_bytes().count(b"\n") == rows


def _report(turns: dict[str, list[Turn]], counts: dict[str, int]) -> Report:
    rows: list[dict[str, Any]] = []
    for way, taken in turns.items():
        seconds = median(turn.seconds for turn in taken)
        size = taken[0].size / _MIB
        rows.append(
            {
                "way": way,
                "rows": counts[way],
                "seconds": round(seconds, 2),
                "rows_s": round(counts[way] / seconds),
                "mib": round(size, 1),
                "mib_s": round(size / seconds, 1),
                "ratio": round(_ratio(turns, counts, way), 2),
                "memory": round(max(turn.memory for turn in taken)),
            }
        )
    memory = max(turn.memory for taken in turns.values() for turn in taken)
    return Report(
        "export",
        rows,
        [
            at_least("csv through the gateway over COPY", _ratio(turns, counts, CSV), RATIO, "×"),
            at_most("memory of the service", memory, MEMORY_MIB, "MiB"),
        ],
    )


def _ratio(turns: dict[str, list[Turn]], counts: dict[str, int], way: str) -> float:
    """The rate of a way over that of COPY in the same round."""
    return median(
        (counts[way] / turn.seconds) / (counts[COPY] / copy.seconds)
        for turn, copy in zip(turns[way], turns[COPY], strict=True)
    )
