"""Processes forked from one that has loaded their code (see `loader`)."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from deploy.errors import SetupError
from deploy.local.log_files import open_log, tail_of
from deploy.local.options import ROOT
from deploy.local.orphan import is_alive
from deploy.local.process import STOP_SECONDS, Child, Start, module

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")
_LOOK_SECONDS = 0.05
# Of a process whose loader was killed nobody knows how it ended.
_UNKNOWN_END = 1


class Fork:
    """A forked process: what is needed of a child (see `process.Child`).

    Args:
        pid: of the process.
        stdin: its standard input.
        status: the pipe with its exit status.
    """

    def __init__(self, pid: int, stdin: IO[bytes], status: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self._status = status
        self._ended: int | None = None

    def poll(self) -> int | None:
        """The exit status; None while it runs."""
        if self._ended is None and select.select([self._status], [], [], 0)[0]:
            if line := self._status.readline():
                self._ended = int(line)
            elif not is_alive(self.pid):
                self._ended = _UNKNOWN_END
        return self._ended

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, waited for.

        Raises:
            TimeoutExpired: it goes on for longer.
        """
        give_up = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if give_up is not None and time.monotonic() > give_up:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(_LOOK_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it immediately."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """Starts processes: forked from the loader, or, where that is impossible, each by itself.

    Args:
        environment: of the loader.
        log: of the loader.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._loader: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def open(self) -> None:
        """Start the loader if there is none yet, without waiting for it."""
        if not CAN_FORK or self._loader is not None:
            return
        self._requests, theirs = socket.socketpair()
        with theirs, open_log(self._log) as output:
            self._loader = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.loader"],
                cwd=ROOT,
                env=self._environment,
                stdin=theirs.fileno(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def close(self) -> None:
        """End the loader; those that it has forked go on."""
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._loader is not None:
            try:
                self._loader.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._loader.kill()
                self._loader.wait()
            self._loader = None

    def module(self, *words: str) -> Start:
        """How a Python module is started, with arguments."""
        return partial(self._fork, words) if CAN_FORK else module(*words)

    def _fork(
        self, words: tuple[str, ...], environment: Mapping[str, str], output: BinaryIO
    ) -> Child:
        """Fork a process; a loader that was killed is replaced.

        Raises:
            SetupError: the loader cannot load the code.
        """
        if self._requests is None or (child := self._ask(words, environment, output)) is None:
            self.close()
            self.open()
            child = self._ask(words, environment, output)
        if child is None:
            raise SetupError(
                f"无法载入各服务的程序，日志 {self._log}：\n{tail_of(self._log)}",
                f"the code of the services could not be loaded, log {self._log}",
            )
        return child

    def _ask(
        self, words: tuple[str, ...], environment: Mapping[str, str], output: BinaryIO
    ) -> Child | None:
        """The fork; None when the loader is gone."""
        assert self._requests is not None
        request = json.dumps({"words": words, "environment": dict(environment)}).encode() + b"\n"
        input_end, stdin = os.pipe()
        status, status_end = os.pipe()
        try:
            with suppress(ConnectionError):
                descriptors = [input_end, output.fileno(), status_end]
                sent = socket.send_fds(self._requests, [request], descriptors)
                self._requests.sendall(request[sent:])
        finally:
            os.close(input_end)
            os.close(status_end)
        answer = os.fdopen(status, "rb", buffering=0)
        if pid := answer.readline():
            return Fork(int(pid), os.fdopen(stdin, "wb", buffering=0), answer)
        answer.close()
        os.close(stdin)
        return None
