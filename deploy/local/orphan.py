"""Ends orphaned PostgreSQL processes before their data folder is used again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FAST_SECONDS = 30
QUIT_SECONDS = 5
NO_SUCH_PROCESS = 99_999_999
_LOOK_SECONDS = 0.02


def end_orphans(data: Path) -> None:
    """Stop a server whose guard was killed, and processes whose server was killed.

    A process of a killed server ends at its next check; until then (for example in a long
    statement) it prevents the next server from starting. Its work is lost in any case.
    """
    if sys.platform == "win32":
        return
    _end_server(data)
    left = server_processes(data)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in left:
            _send(pid, number)
        if _wait_until(lambda: not server_processes(data), QUIT_SECONDS):
            return
        left = server_processes(data)


def _end_server(data: Path) -> None:
    """Stop a server whose guard was killed; invalidate a process id that another program has.

    PostgreSQL removes a stale `postmaster.pid` itself, unless another program of the same account
    now has that id. The id is then replaced by an impossible one; the rest of the file stays,
    because PostgreSQL uses it to check that no process of the old server is left.
    """
    record = data / "postmaster.pid"
    if not record.is_file():
        return
    first, _, rest = record.read_text("utf-8").partition("\n")
    if not first.isdecimal():  # the server was killed, or the disk full, while it was written
        record.unlink()
        return
    pid = int(first)
    if not is_alive(pid):
        return
    if str(data) not in command_line(pid):
        record.write_text(f"{NO_SUCH_PROCESS}\n{rest}", "utf-8")
        return
    _send(pid, signal.SIGINT)
    if not _wait_until(lambda: str(data) not in command_line(pid), FAST_SECONDS):
        _send(pid, signal.SIGQUIT)
        _wait_until(lambda: str(data) not in command_line(pid), FAST_SECONDS)


def server_processes(data: Path) -> list[int]:
    """Ids of the PostgreSQL processes that work in a data folder; only available on Linux."""
    found, place = [], data.resolve()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or belongs to another account
            if _works_in(folder, place):
                found.append(int(folder.name))
    return found


def _works_in(process: Path, place: Path) -> bool:
    if (process / "cwd").readlink() != place:
        return False
    return (process / "exe").readlink().name.startswith("postgres")


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process exists, under any account."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """The command line of a process; empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    except OSError:
        words = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(words, capture_output=True, encoding="utf-8", check=False).stdout
