"""Validator processes as their service sees them: started, asked, ended (see `validator`).

One process loads the code of the service; it forks a validator whenever one is wanted. A fork is
there at once, and shares the memory of the loaded code with the others. Where a process cannot
fork (Windows), each validator loads the code itself.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import orjson

from services.chassis.operations.failures import Loggable
from services.chassis.queue.jobs import TryAgain
from services.chassis.queue.stored_problem import Refused

_MODULE = "services.chassis.imports.validators.validator"
_CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")
_LINE = 1 << 24


class ValidatorDied(Loggable):
    """A validator process ended in the middle of its work; says how, without anybody's data."""


class ValidatorProcess:
    """One validator process.

    Args:
        pid: of the process.
        answers: what it writes.
        tasks: where it reads.
    """

    def __init__(
        self, pid: int, answers: asyncio.StreamReader, tasks: asyncio.StreamWriter
    ) -> None:
        self._pid, self._answers, self._tasks = pid, answers, tasks

    async def ask(self, task: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The answers to a task.

        Raises:
            Refused: the task ends with a problem.
            TryAgain: what it needs is away.
            ValidatorDied: the process ended, or something broke in it.
        """
        with suppress(ConnectionError):  # its output says that it is gone
            self._tasks.write(orjson.dumps(task) + b"\n")
            await self._tasks.drain()
        while line := await _line_of(self._answers):
            answer = orjson.loads(line)
            if "problem" in answer:
                raise Refused(answer["problem"])
            if "outage" in answer:
                raise TryAgain(f"validator: {answer['outage']}", code=answer["code"])
            if "error" in answer:
                raise ValidatorDied(f"validator: {answer['error']}")
            yield answer
            if "done" in answer:
                return
        raise ValidatorDied("validator: the process ended before its answer")

    async def end(self) -> None:
        """End it and wait for that."""
        if not self._answers.at_eof():  # else it has ended, and its number may be another's
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        while await _part_of(self._answers):
            continue
        self._tasks.close()  # not before: its own end is what ends the answers


class ValidatorStarter:
    """Starts the validators of a service.

    Args:
        name: of the service.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loaded: asyncio.subprocess.Process | None = None
        self._requests: socket.socket | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> ValidatorProcess:
        """Start one.

        Raises:
            ValidatorDied: it ended at once.
        """
        if not _CAN_FORK:
            process = await self._run(asyncio.subprocess.PIPE, asyncio.subprocess.PIPE)
            assert process.stdin is not None
            assert process.stdout is not None
            return ValidatorProcess(process.pid, process.stdout, process.stdin)
        async with self._lock:
            # One that was killed is found out by what it does not do.
            if self._loaded is not None and (forked := await self._fork()):
                return forked
            await self._load()
            if forked := await self._fork():
                return forked
        raise ValidatorDied("validator: the process ended at its start")

    async def close(self) -> None:
        """End the process that forks; validators go on."""
        async with self._lock:
            await self._unload()

    async def _fork(self) -> ValidatorProcess | None:
        """A fork with one end of a pair of sockets; none when the process that forks is gone."""
        assert self._requests is not None
        ours, theirs = socket.socketpair()
        answers, tasks = await asyncio.open_unix_connection(sock=ours, limit=_LINE)
        with theirs, suppress(ConnectionError):
            socket.send_fds(self._requests, [b"\n"], [theirs.fileno()])
        if line := await _line_of(answers):
            return ValidatorProcess(orjson.loads(line)["pid"], answers, tasks)
        tasks.close()
        return None

    async def _load(self) -> None:
        await self._unload()
        self._requests, theirs = socket.socketpair()
        with theirs:
            self._loaded = await self._run(theirs.fileno(), None, "--fork")

    async def _unload(self) -> None:
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._loaded is not None:
            with suppress(ProcessLookupError):
                self._loaded.kill()
            await self._loaded.wait()
            self._loaded = None

    async def _run(
        self, stdin: int, stdout: int | None, *options: str
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _MODULE,
            self._name,
            *options,
            stdin=stdin,
            stdout=stdout,
            limit=_LINE,
        )


async def _line_of(stream: asyncio.StreamReader) -> bytes:
    """The next line; none when the process is gone, however it went."""
    try:
        line = await stream.readline()
    except ConnectionError:
        return b""
    return line if line.endswith(b"\n") else b""


async def _part_of(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.read(_LINE)
    except ConnectionError:
        return b""
