"""A process that ends with this one: it watches its standard input, held open only here."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from deploy.local.log_files import open_log, tail_of
from deploy.local.options import ROOT

# Longer than `LONGEST_END` in services/chassis/runtime/serve.py, the shutdown time of a process.
STOP_SECONDS = 30


class Child(Protocol):
    """A started process, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int:
        """The process id."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its standard input."""

    def poll(self) -> int | None:
        """The exit status; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, waited for."""

    def send_signal(self, number: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it immediately."""


# Starts a process with an environment and an open log.
Start = Callable[[Mapping[str, str], BinaryIO], Child]


def module(*words: str) -> Start:
    """How a Python module is started, with arguments."""

    def start(environment: Mapping[str, str], output: BinaryIO) -> Child:
        # A new session: Ctrl-C reaches only this process, which stops the others in order.
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=environment,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return start


class Process:
    """A process with its output in a log file."""

    def __init__(self, start: Start, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with open_log(log) as output:
            self._start_of_log = output.tell()
            self._child = start(environment, output)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._child.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for the end at most `seconds`; returns the exit status."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def begin(self) -> None:
        """Let a process that waits on standard input begin its work."""
        if self._child.stdin is not None:
            with suppress(OSError):  # it has ended already, as its status shows
                self._child.stdin.write(b"\n")

    def ask_to_stop(self) -> None:
        """End its standard input, on which it finishes its work and exits."""
        if self._child.stdin is not None:
            self._child.stdin.close()

    def stop(self) -> None:
        """Ask it to stop, and kill it if it does not stop in time."""
        self.ask_to_stop()
        if self.wait(STOP_SECONDS) is None:
            self.kill()

    def kill(self) -> None:
        """End it immediately, like a crash."""
        self._child.kill()
        self._child.wait()

    def tail(self) -> str:
        """The last lines of its output."""
        return tail_of(self.log, self._start_of_log)


def stop_all(processes: list[Process]) -> None:
    """Stop several processes at the same time."""
    for process in processes:
        process.ask_to_stop()
    give_up = time.monotonic() + STOP_SECONDS
    for process in processes:
        if process.wait(max(0.0, give_up - time.monotonic())) is None:
            process.kill()
