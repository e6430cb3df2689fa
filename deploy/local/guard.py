"""Runs a PostgreSQL server exactly as long as the process that requested it.

`python -m deploy.local.guard LOCK DATA UID GID PROGRAM [ARGUMENTS]` starts the program, prints its
process id on standard output, and shuts it down when standard input ends (for example because the
parent was killed) or on SIGTERM. Standard library only, so that it stays small and starts fast.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from deploy.local.account import Account
from services.chassis.core.file_lock import FileLock

ALREADY_RUNNING = 75
FAST_SECONDS = 30


def main(arguments: list[str]) -> int:
    """Run the server until it is asked to end; returns its exit status."""
    lock, data, (uid, gid) = FileLock(Path(arguments[0])), Path(arguments[1]), arguments[2:4]
    if not lock.acquire():
        return ALREADY_RUNNING
    account = Account(int(uid), int(gid)) if uid else Account()
    server = subprocess.Popen(
        arguments[4:], cwd=data, stdin=subprocess.DEVNULL, stdout=2, **account.popen_options()
    )
    signal.signal(signal.SIGTERM, lambda *_: begin_stop(server, data))
    print(server.pid, flush=True)
    threading.Thread(target=stop_at_end_of_input, args=(server, data), daemon=True).start()
    status = server.wait()
    return status if status >= 0 else 128 - status  # killed by a signal: as shells report it


def stop_at_end_of_input(server: "subprocess.Popen[bytes]", data: Path) -> None:
    """Wait for the end of standard input, then stop the server."""
    while os.read(0, 4096):
        continue
    stop(server, data)


def begin_stop(server: "subprocess.Popen[bytes]", data: Path) -> None:
    """Stop the server from a signal handler, which must not block."""
    threading.Thread(target=stop, args=(server, data), daemon=True).start()


def stop(server: "subprocess.Popen[bytes]", data: Path) -> None:
    """Shut the server down: open transactions are rolled back, all data are written."""
    if sys.platform == "win32":
        control = Path(server.args[0]).with_name("pg_ctl.exe")  # type: ignore[index]
        subprocess.run([control, "stop", "-D", data, "-m", "fast"], check=False)
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(FAST_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
