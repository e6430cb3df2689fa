"""`python -m services.chassis.serve NAME`: run the gateway or one service."""

import os
import signal
import sys
import threading
import time

import uvicorn

from services.chassis.protocol import ProblemProtocol
from services.chassis.settings import Settings

PROCESSES = {
    "gateway": "gateway.main:app",
    "schools": "services.schools.main:app",
    "appraisal": "services.appraisal.main:app",
    "accountability": "services.accountability.main:app",
}
_GRACE_SECONDS = 10
# Longer than the gateway keeps an idle connection, so that no request meets one just closed.
_KEEP_ALIVE_SECONDS = 75


def end_with_parent() -> None:
    """Stop this process when its standard input ends, that is, when its supervisor dies."""

    def watch() -> None:
        # Not `sys.stdin`: its lock, held by a daemon thread, aborts an interpreter that is ending.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
        os._exit(1)

    if os.environ.get("JUNHENG_EXIT_ON_STDIN_EOF") == "1":
        threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def main() -> None:
    """Serve the process named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in PROCESSES:
        raise SystemExit(f"usage: python -m services.chassis.serve {'|'.join(PROCESSES)}")
    end_with_parent()
    settings = Settings.model_construct(
        host=os.environ.get("JUNHENG_HOST", "127.0.0.1"),
        port=int(os.environ.get("JUNHENG_PORT", "8700")),
    )
    uvicorn.run(
        PROCESSES[sys.argv[1]],
        host=settings.host,
        port=settings.port,
        http=ProblemProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
