"""`python -m services.chassis.runtime.serve NAME`: run the gateway or one service."""

import gc
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

import uvicorn

from services.chassis.core.logs import flush_logs
from services.chassis.core.settings import Settings
from services.chassis.core.standard_streams import occupy_standard_streams
from services.chassis.http.protocol import ProblemProtocol
from services.chassis.runtime.process import CUT_OFF_SECONDS, DRAIN_SECONDS

PROCESSES = {
    "gateway": "gateway.main:app",
    "schools": "services.schools.main:app",
    "appraisal": "services.appraisal.main:app",
    "accountability": "services.accountability.main:app",
}
_GRACE_SECONDS = 10
# After open requests come running jobs, which must get back to the queue: one whose process dies
# under it counts as its murderer.
LONGEST_END = _GRACE_SECONDS + DRAIN_SECONDS + CUT_OFF_SECONDS + 4
# Longer than the gateway keeps an idle connection, so that no request meets one just closed.
_KEEP_ALIVE_SECONDS = 75
_OBJECTS_PER_COLLECTION = 10_000
_NOT_STARTED = 3


def end_with_parent() -> None:
    """Stop this process when its standard input ends, that is, when its supervisor dies."""

    def watch() -> None:
        # Not `sys.stdin`: its lock, held by a daemon thread, aborts an interpreter that is ending.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LONGEST_END)
        os._exit(1)

    if os.environ.get("JUNHENG_EXIT_ON_STDIN_EOF") == "1":
        threading.Thread(target=watch, daemon=True, name="parent-watch").start()


class Server(uvicorn.Server):
    """uvicorn, with what was built at the start kept out of the garbage collector's way.

    The modules and schemas of a process are some 700,000 objects that live as long as it does;
    walking them again and again took a third of the CPU of a request through the gateway.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start up, then set aside everything that exists by now."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS_PER_COLLECTION)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down; the signal that asked for it ends the process right afterwards."""
        await super().shutdown(sockets)
        flush_logs()


def main() -> None:
    """Serve the process named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in PROCESSES:
        raise SystemExit(f"usage: python -m services.chassis.runtime.serve {'|'.join(PROCESSES)}")
    occupy_standard_streams()
    end_with_parent()
    settings = Settings.model_construct(
        host=os.environ.get("JUNHENG_HOST", "127.0.0.1"),
        port=int(os.environ.get("JUNHENG_PORT", "8700")),
    )
    server = Server(
        uvicorn.Config(
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
    )
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(_NOT_STARTED)


if __name__ == "__main__":
    main()
