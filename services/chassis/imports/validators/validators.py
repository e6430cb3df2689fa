"""Where the heavy work of imports is done: in threads for small files, in processes for large."""

import asyncio
import os
from collections.abc import AsyncGenerator
from typing import Any

from services.chassis.database.db import Database
from services.chassis.imports.formats import splitting
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.part_staging import stage_part
from services.chassis.imports.validators.processes import ValidatorProcess, ValidatorStarter
from services.chassis.imports.validators.validation import FileTask, Validation
from services.chassis.queue.stored_problem import Refused

# Bytes that a thread validates in the time that a process takes to start.
SMALL_BYTES = 1 << 20
_IDLE_SECONDS = 60


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
        self._starter = ValidatorStarter(name)
        self._idle: list[ValidatorProcess] = []
        self.size = size
        self._slots = asyncio.Semaphore(size)
        self._starting = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None
        self._closing: asyncio.Future[None] | None = None

    async def warm_up(self) -> None:
        """Have a process ready: starting one takes as long as a large upload."""
        async with self._starting:
            if not self._idle and not self._slots.locked():
                self._idle.append(await self._starter.start())
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
        await asyncio.gather(*(process.end() for process in processes), self._starter.close())

    async def _only(self, task: dict[str, Any]) -> Any:
        async for answer in self._answers(task):
            done = answer["done"]
        return done

    async def _answers(self, task: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        async with self._slots:
            process = self._idle.pop() if self._idle else await self._starter.start()
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
        self._closing = asyncio.ensure_future(self.close())


def usual_size() -> int:
    """How many processes a machine like this one has use for."""
    return max(1, min(4, os.cpu_count() or 1))
