"""Division of a file into parts, and their staging, a few at a time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from services.chassis.imports.engine.work import ImportWork
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.parts import StagedPart


class Stager:
    """Stages the parts of one run."""

    def __init__(self, work: ImportWork, run: Run, found: Inspected) -> None:
        self._work, self._run, self._found = work, run, found
        self._faults = 0

    @property
    def is_lost(self) -> bool:
        """Whether nothing will be stored, as there are more faults than can be listed.

        Then the rest of the file is only counted: what is wrong with each row by itself.
        """
        return self._work.stores_all_or_nothing and self._faults >= self._run.most_listed

    async def stage_file(self) -> list[StagedPart]:
        """Cut the whole file up and stage it."""
        return await self.stage(self._split())

    async def stage(self, parts: AsyncGenerator[Part, None]) -> list[StagedPart]:
        """Stage parts, a few at a time; memory does not grow with their number."""
        staged: list[StagedPart] = []
        pending: set[asyncio.Task[StagedPart]] = set()

        async def stage(part: Part) -> StagedPart:
            counts = await self._work.validators.stage(
                self._work.file,
                self._found.layout,
                part,
                self._run,
                is_rewritten=self._found.is_rewritten,
                is_counted_only=self.is_lost,
            )
            return StagedPart(part, *counts)

        async def take(*, until: int) -> None:
            nonlocal pending
            while len(pending) > until:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                found = [task.result() for task in done]
                staged.extend(found)
                self._faults += sum(one.faults for one in found)
                await self._work.show()

        try:
            async with aclosing(parts):
                async for part in parts:
                    pending.add(asyncio.create_task(stage(part)))
                    await take(until=2 * self._work.operations.in_processes.size)
            await take(until=0)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return sorted(staged, key=lambda one: one.part.number)

    async def _split(self) -> AsyncGenerator[Part, None]:
        """The parts of the file, as fast as it is cut up: who stages them may be slower."""
        queue: asyncio.Queue[Part | None] = asyncio.Queue()

        async def cut() -> None:
            try:
                parts = self._work.validators.split(
                    self._work.file, self._found.layout, is_rewritten=self._found.is_rewritten
                )
                async with aclosing(parts):
                    async for part in parts:
                        queue.put_nowait(part)
            finally:
                queue.put_nowait(None)

        cutting = asyncio.create_task(cut())
        try:
            while (part := await queue.get()) is not None:
                yield part
            await cutting
        finally:
            cutting.cancel()
