"""`python -m deploy.local.loader`: loads the code of all processes once, then forks them.

Loading takes most of the start of a process; a fork shares the loaded code, and its memory. A
request comes over standard input, a socket: a line of JSON (`words`, `environment`) with the
descriptors of standard input, of the log and of the pipe for the process id and, at the end,
the exit status. The processes outlive the loader; it ends with its input.
"""

import gc
import json
import os
import random
import runpy
import select
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from setproctitle import getproctitle, setproctitle

from services.chassis.runtime.serve import PROCESSES

_LINE = 1 << 20
# Loaded by the processes; not the applications, which read the environment when loaded.
_MODULES = (
    *(application.partition(".main")[0] + ".features" for application in PROCESSES.values()),
    *(f"services.chassis.runtime.{name}" for name in ("app", "migrate", "serve")),
)


class Request(NamedTuple):
    """A process to fork.

    Attributes:
        words: the module that it runs, and its arguments.
        environment: all of its variables.
        stdin: descriptor of its standard input.
        log: of its standard output and standard error.
        status: of the pipe to the process that asked.
    """

    words: list[str]
    environment: Mapping[str, str]
    stdin: int
    log: int
    status: int


class Loader:
    """Forks a process for each request and reports its end."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._statuses: dict[int, int] = {}
        self._woken, wakes = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wakes, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes)
        self._wakes = wakes

    def run(self) -> list[str] | None:
        """Serve requests; returns the words in a fork, None at the end of the input."""
        while True:
            sources: list[Any] = [self._requests, self._woken]
            ready, _, _ = select.select(sources, [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._report_ends()
            if self._requests in ready:
                request = self._receive()
                if request is None:
                    return None
                if self._fork(request):
                    return request.words

    def _receive(self) -> Request | None:
        line, descriptors, _, _ = socket.recv_fds(self._requests, _LINE, 3)
        while line and not line.endswith(b"\n"):
            more = self._requests.recv(_LINE)
            line = line + more if more else b""
        if not line:
            return None
        asked = json.loads(line)
        return Request(asked["words"], asked["environment"], *descriptors)

    def _fork(self, request: Request) -> bool:
        """Whether this is the fork."""
        if (pid := os.fork()) == 0:
            self._become(request)
            return True
        os.close(request.stdin)
        os.close(request.log)
        self._statuses[pid] = request.status
        _tell(request.status, pid)
        return False

    def _report_ends(self) -> None:
        while self._statuses:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            pipe = self._statuses.pop(pid)
            _tell(pipe, os.waitstatus_to_exitcode(status))
            os.close(pipe)

    def _become(self, request: Request) -> None:
        """Take on what belongs to the new process, and let go of what belongs to the loader."""
        os.setsid()  # Ctrl-C reaches only the supervisor, which stops the others in order
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for standard, descriptor in enumerate((request.stdin, request.log, request.log)):
            os.dup2(descriptor, standard)
        for descriptor in (*self._statuses.values(), self._woken, self._wakes, *request[2:]):
            os.close(descriptor)
        self._requests.close()
        os.environ.clear()
        os.environ.update(request.environment)
        random.seed()  # or all would draw the same numbers
        sys.argv = request.words
        setproctitle(" ".join([sys.executable, "-m", *request.words]))


def _tell(pipe: int, number: int) -> None:
    try:
        os.write(pipe, b"%d\n" % number)
    except BrokenPipeError:
        return  # who asked is gone, and with it the input of the process


def main() -> None:
    """Load the code, fork on request, and run what was asked for in each fork."""
    getproctitle()  # before anything changes the environment, beside which the title stands
    # Loaded code stays in memory; collecting garbage in it would take a sixth of the time.
    gc.disable()
    for module in _MODULES:
        import_module(module)
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    words = Loader(socket.socket(fileno=os.dup(0))).run()
    if words is None:
        return
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
