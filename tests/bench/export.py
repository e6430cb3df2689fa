"""A registry exported through the gateway, and by PostgreSQL alone as `psql`'s `\\copy` does it.

All take turns. CSV is the same file either way, byte by byte: same columns, same order.
"""

import asyncio
import gzip
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil

from client.accounts import Administrators, bureau_logins, ensure_accounts, ensure_bureau
from client.api import JunhengClient
from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from deploy.local.throwaway import throwaway_postgres
from tests.bench._memory import PeakMemory
from tests.bench._staff import BUREAU, fill
from tests.bench._ways import Gateway, copied
from tests.bench.report import Report, at_least, at_most

ROUNDS, OTHERS = 3, 2000
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
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="junheng-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = stack.enter_context(throwaway_postgres()).url("junheng")
        chosen = {name: ports.find_free() for name in DEFAULT_PORTS}
        options = Options(folder / "data", chosen, database_url=url)
        stack.enter_context(Platform(options, lambda _chinese, _english: None))
        gateway = Gateway(options.url("gateway"), _token(options))
        asyncio.run(fill(url, rows, OTHERS))
        return _measure(url, gateway, rows, folder)


def _token(options: Options) -> str:
    """The token of somebody who sees the whole bureau."""
    password = read_secret(options.secrets, BOOTSTRAP_PASSWORD)
    (login,) = bureau_logins(BUREAU, password, roles=("bureau_admin",))
    with JunhengClient(options.url("gateway")) as client:
        administrators = Administrators.of(client, password)
        ensure_bureau(administrators.system, BUREAU, "示例县教育局")
        ensure_accounts(administrators, [login])
        return client.acting_as(login.credentials).token()


def _measure(url: str, gateway: Gateway, rows: int, folder: Path) -> Report:
    schools = [f"21{number:08}" for number in range(1, BOOK_SCHOOLS + 1)]
    ways: dict[str, Callable[[Path], None]] = {
        COPY: lambda file: copied(url, file),
        CSV: lambda file: gateway.stream(file, format="csv"),
        PACKED: lambda file: gateway.stream(file, format="csv", compress="gzip"),
        "ndjson": lambda file: gateway.stream(file, format="ndjson"),
        JOB: lambda file: gateway.job(file, format="csv"),
        "xlsx": lambda file: gateway.stream(file, format="xlsx", school_code=schools),
    }
    counts = dict.fromkeys(ways, rows) | {"xlsx": rows * BOOK_SCHOOLS // 2000}
    files = {way: folder / str(number) for number, way in enumerate(ways)}
    turns: dict[str, list[Turn]] = {way: [] for way in ways}
    service = _service()
    for number in range(ROUNDS + 1):
        for way, work in ways.items():
            turn = _take_turn(work, files[way], service)
            if number:  # the first one warms up
                turns[way].append(turn)
    _compare(files, rows)
    return _report(turns, counts)


def _service() -> psutil.Process:
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if child.cmdline()[-1:] == ["schools"])


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
    assert files[CSV].read_bytes() == whole == files[JOB].read_bytes()
    assert gzip.decompress(files[PACKED].read_bytes()) == whole
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
