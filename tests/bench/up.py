"""How long `up` takes until the platform answers, how long to stop, how much memory it holds."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.runner import Platform
from deploy.local.session import say
from tests.bench.report import Report, at_most

READY_SECONDS = 8
# It takes less than a minute as it is.
QUICK: dict[str, int] = {}
MEMORY_MIB = 1024


def run() -> Report:
    """Start on an empty folder, then again on what that left."""
    folder = Path(tempfile.mkdtemp(prefix="junheng-bench-"))
    folder.chmod(0o711)
    try:
        rows = [_start(folder, what) for what in ("empty data folder", "again")]
    finally:
        shutil.rmtree(folder)
    return Report(
        "up",
        rows,
        [
            at_most("ready, empty data folder", rows[0]["ready_seconds"], READY_SECONDS, "s"),
            at_most("ready, again", rows[1]["ready_seconds"], READY_SECONDS, "s"),
            at_most("memory", max(row["memory_mib"] for row in rows), MEMORY_MIB, "MiB"),
        ],
    )


def _start(folder: Path, what: str) -> dict[str, Any]:
    options = Options(folder, {name: ports.find_free() for name in DEFAULT_PORTS})
    begin = time.monotonic()
    with Platform(options, say):
        ready = time.monotonic() - begin
        memory = _memory()
        begin = time.monotonic()
    stopped = time.monotonic() - begin
    return {
        "start": what,
        "ready_seconds": round(ready, 2),
        "stop_seconds": round(stopped, 2),
        "memory_mib": round(memory / 2**20),
    }


def _memory() -> int:
    """The memory of this process and all it has started, shared pages shared out among them."""
    ours = psutil.Process()
    return sum(process.memory_full_info().pss for process in [ours, *ours.children(recursive=True)])
