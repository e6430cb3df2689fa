"""Where the heavy work of imports is done: in threads for small files, in processes for large."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import orjson
import structlog

from services.chassis.database.db import Database
from services.chassis.imports.formats import splitting
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.part_staging import stage_part
from services.chassis.imports.validators.validation import FileTask, Validation
from services.chassis.operations.failures import Loggable
from services.chassis.queue.jobs import TryAgain
from services.chassis.queue.stored_problem import Refused

log = structlog.get_logger()

# Bytes that a thread validates in the time that a process takes to start.
SMALL_BYTES = 1 << 20
_IDLE_SECONDS = 60
_LINE = 1 << 24


class ValidatorDied(Loggable):
    """A validator process ended in the middle of its work; says how, without anybody's data."""


class InThreads:
    """Does the work in this process: for files so small that it does not matter."""

    def __init__(self, validation: Validation, database: Database) -> None:
        self._validation, self._database = validation, database
        # A reader remembers the faults of the cells that it has read last: one part at a time.
        self._reading = asyncio.Lock()

    async def inspect(self, file: FileTask, wishes: Wishes, most_bytes: int) -> Inspected:
        """See `Validation.inspect`."""
        return await asyncio.to_thread(self._validation.inspect, file, wishes, most_bytes)

    async def split(
        self, file: FileTask, layout: Layout, *, is_rewritten: bool
    ) -> AsyncGenerator[Part, None]:
        """See `Validation.split`."""
        part_bytes = splitting.PART_BYTES
        parts = self._validation.split(file, layout, part_bytes, is_rewritten=is_rewritten)
        for part in await asyncio.to_thread(list, parts):
            yield part

    async def stage(
        self,
        file: FileTask,
        layout: Layout,
        part: Part,
        run: Run,
        *,
        is_rewritten: bool,
        is_counted_only: bool,
    ) -> tuple[int, int]:
        """Stage a part; its rows, and how many faults they have."""
        async with self._reading:
            staged = await asyncio.to_thread(
                self._validation.stage,
                file,
                layout,
                part,
                run.most_listed,
                is_rewritten=is_rewritten,
            )
        await stage_part(self._database, run, part, staged, is_counted_only=is_counted_only)
        return staged.rows, staged.findings.faults


class InProcesses:
    """Does the work in a few processes, started when needed and ended when idle."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._idle: list[_Process] = []
        self.size = size
        self._slots = asyncio.Semaphore(size)
        self._starting = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

    async def warm_up(self) -> None:
        """Have a process ready: starting one takes as long as a large upload."""
        async with self._starting:
            if not self._idle and not self._slots.locked():
                self._idle.append(await _Process.start(self._name))
                self._end_later()

    async def inspect(self, file: FileTask, wishes: Wishes, most_bytes: int) -> Inspected:
        """See `Validation.inspect`."""
        task = {"do": "inspect", "file": file.model_dump(), "wishes": wishes.model_dump()}
        found = await self._only({**task, "most_bytes": most_bytes})
        return Inspected(**{**found, "layout": Layout(**found["layout"])})

    async def split(
        self, file: FileTask, layout: Layout, *, is_rewritten: bool
    ) -> AsyncGenerator[Part, None]:
        """See `Validation.split`."""
        task = {"do": "split", "file": file.model_dump(), "layout": layout.model_dump()}
        more = {"part_bytes": splitting.PART_BYTES, "is_rewritten": is_rewritten}
        async for answer in self._answers({**task, **more}):
            if "part" in answer:
                yield Part(*answer["part"])

    async def stage(
        self,
        file: FileTask,
        layout: Layout,
        part: Part,
        run: Run,
        *,
        is_rewritten: bool,
        is_counted_only: bool,
    ) -> tuple[int, int]:
        """Stage a part; its rows, and how many faults they have."""
        task = {"do": "stage", "file": file.model_dump(), "layout": layout.model_dump()}
        more = {"part": list(part), "run": run.as_json(), "is_rewritten": is_rewritten}
        rows, faults = await self._only({**task, **more, "is_counted_only": is_counted_only})
        return rows, faults

    async def close(self) -> None:
        """End all processes."""
        if self._ending:
            self._ending.cancel()
        processes, self._idle = self._idle, []
        await asyncio.gather(*(process.end() for process in processes))

    async def _only(self, task: dict[str, Any]) -> Any:
        async for answer in self._answers(task):
            done = answer["done"]
        return done

    async def _answers(self, task: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        async with self._slots:
            process = self._idle.pop() if self._idle else await _Process.start(self._name)
            finished = False
            try:
                async for answer in process.ask(task):
                    yield answer
                finished = True
            except Refused:
                finished = True
                raise
            finally:
                if finished:
                    self._idle.append(process)
                    self._end_later()
                else:  # broken off: nobody would read the rest of its answers
                    await process.end()

    def _end_later(self) -> None:
        if self._ending:
            self._ending.cancel()
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(_IDLE_SECONDS, self._end_idle)

    def _end_idle(self) -> None:
        processes, self._idle = self._idle, []
        for process in processes:
            process.kill()


class _Process:
    """One validator process (see `validator`)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, name: str) -> "_Process":
        """Start one."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.chassis.imports.validators.validator",
            name,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        return cls(process)

    async def ask(self, task: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The answers to a task.

        Raises:
            Refused: the task ends with a problem.
            TryAgain: what it needs is away.
            ValidatorDied: the process ended, or something broke in it.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(ConnectionError):  # its output says that it is gone
            process.stdin.write(orjson.dumps(task) + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
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
        raise ValidatorDied(f"validator: status {await process.wait()}")

    async def end(self) -> None:
        """End it and wait for that."""
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()


def usual_size() -> int:
    """How many processes a machine like this one has use for."""
    return max(1, min(4, os.cpu_count() or 1))
