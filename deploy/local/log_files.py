"""Log files of the processes: opening, also with a full disk, and reading the last lines."""

import os
from pathlib import Path
from typing import BinaryIO

LARGEST_LOG = 20 * 1024 * 1024
_TAIL_BYTES, _TAIL_LINES = 64 * 1024, 25


def open_log(log: Path) -> BinaryIO:
    """Open a log for appending and rotate a large one; if that fails, output is discarded."""
    try:
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        return log.open("ab")
    except OSError:
        return open(os.devnull, "ab")


def tail_of(log: Path, start: int = 0) -> str:
    """The last lines that were written to a log from `start` on."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(start, end - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_TAIL_LINES:])
