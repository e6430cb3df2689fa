"""A server whose guard was killed: it must end before its data can be used again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

FAST_SECONDS = 30
NO_SUCH_PROCESS = 99_999_999


def end_orphan(data: Path) -> None:
    """Stop a server whose guard was killed; forget one whose process id means another program.

    PostgreSQL itself takes a stale `postmaster.pid` away, unless another program of the same
    account has that id by now. Its id is then made one that cannot exist; the rest of the file
    stays, because by it PostgreSQL makes sure that no process of the old server is left.
    """
    record = data / "postmaster.pid"
    if sys.platform == "win32" or not record.is_file():
        return
    first, _, rest = record.read_text("utf-8").partition("\n")
    pid = int(first)
    if not is_alive(pid):
        return
    if str(data) not in command_line(pid):
        record.write_text(f"{NO_SUCH_PROCESS}\n{rest}", "utf-8")
        return
    give_up = time.monotonic() + FAST_SECONDS
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
        while str(data) in command_line(pid):
            if time.monotonic() > give_up:
                os.kill(pid, signal.SIGQUIT)
            time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists, be it ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """Return the words with which a process was started; none once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    except OSError:
        words = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(words, capture_output=True, encoding="utf-8", check=False).stdout
