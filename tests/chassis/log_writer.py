"""`python -m tests.chassis.log_writer LINES [ROOM]`: log, and tell on standard output what is lost.

With ROOM, no file may grow beyond so many bytes until half of the lines are written.
"""

import json
import logging
import resource
import sys
import tempfile

import structlog
from prometheus_client import REGISTRY

from services.chassis.core.logs import configure_logs, flush_logs
from services.chassis.core.standard_streams import occupy_standard_streams

log = structlog.get_logger()


class Unspeakable:
    """What cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


def limit_files(size: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def write(lines: range) -> None:
    """Each in one of the ways in which lines are made."""
    for number in lines:
        match number % 4:
            case 0:
                log.info("line", number=number, filling="x" * 100)
            case 1:
                logging.getLogger("uvicorn.error").warning("line %s", number)
            case 2:
                log.warning("line", number=number, half="\ud800", shown=Unspeakable())
            case 3:
                log.error("line", number=number, exc_info=RuntimeError(f"number {number}"))


def main() -> None:
    """Log so many lines; what is opened meanwhile must stay as it was written."""
    occupy_standard_streams()
    lines, room = int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None
    with tempfile.TemporaryFile() as file:
        file.write(b"an upload")
        file.flush()
        configure_logs("writer")
        if room is not None:
            limit_files(room)
        write(range(lines // 2))
        flush_logs()
        if room is not None:
            limit_files(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        write(range(lines // 2, lines))
        flush_logs()
        file.seek(0)
        kept = file.read().decode()
    lost = REGISTRY.get_sample_value("junheng_log_lines_lost_total", {"service": "writer"})
    print(json.dumps({"lost": lost, "kept": kept}), flush=True)


if __name__ == "__main__":
    main()
