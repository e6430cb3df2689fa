"""Merge of checked rows into the table: part by part, or in one transaction."""

import asyncio
from collections import deque
from collections.abc import Sequence

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.database.db import Conn, as_service
from services.chassis.imports.declaration.spec import PartMerge
from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.work import ImportWork
from services.chassis.imports.staging import parts
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.counts import counted
from services.chassis.imports.staging.deletions import Vanished, remove_vanished
from services.chassis.imports.staging.merging import Merge, refuse
from services.chassis.imports.staging.staging_tables import analyze_target, require_staging
from services.chassis.operations.kind import End
from services.chassis.operations.turns import lock_turn


class RowsFailed(AppError):
    """All or nothing was asked for, and some rows are faulty."""

    status = 422
    code = "import.rows_failed"
    title = Text("有错误行，未导入", "Faulty rows; nothing imported")
    detail = Text(
        "{failed} 行有错误，未写入任何数据；请下载 failed-rows 修改后重新导入。",
        "{failed} row(s) are faulty and nothing was stored. Download failed-rows, correct them "
        "and import that file.",
    )


class Loader:
    """Loads what one run has judged."""

    def __init__(self, work: ImportWork, run: Run) -> None:
        self._work, self._run, self._merge = work, run, Merge(run)
        self._job, self._staging_tables = work.job, work.staging_tables

    async def load_parts(self) -> None:
        """Merge part by part, each in a transaction of its own, on a few connections."""
        async with self._work.as_service() as connection:
            await require_staging(connection, self._staging_tables)
            tables = [self._staging_tables.changed]
            if self._run.reported:
                tables.append(self._staging_tables.reported)
            waiting = deque(await parts.mark_untouched(connection, self._job, tables))

        async def work() -> None:
            while waiting:
                await self._load_part(waiting.popleft())

        at_once = self._work.operations.settings.merge_connections
        workers = [asyncio.create_task(work()) for _ in range(at_once)]
        try:
            while workers:
                done, _ = await asyncio.wait(workers, timeout=self._work.shown_every)
                for task in done:
                    task.result()
                workers = [task for task in workers if not task.done()]
                await self._work.show()
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        await self._work.end(End(ImportState.COMPLETED))

    async def _load_part(self, number: int) -> None:
        async with self._work.as_caller() as connection:
            await require_staging(connection, self._staging_tables)
            await self._apply(connection, number)
            async with as_service(connection):
                await parts.mark_merged(connection, self._job, self._staging_tables.changed, number)
        await self._work.context.progressed()

    async def load_whole(self, staged: Sequence[parts.StagedPart]) -> None:
        """Merge everything in one transaction, or nothing.

        Raises:
            RowsFailed: some rows cannot be applied after all.
        """
        refused: dict[int, list[int]] = {}
        coming = sum(one.rows for one in staged[1:])
        try:
            async with self._work.as_caller() as connection:
                await require_staging(connection, self._staging_tables)
                for number, _ in enumerate(staged):
                    if rows := await self._apply(connection, number):
                        refused[number] = rows
                    if number == 0 and coming:
                        async with as_service(connection):
                            await analyze_target(connection, self._work.spec, coming)
                if refused:
                    raise _Undo
                gone = Vanished()
                if self._run.operation == "replace":
                    allow = self._job["allow_shrink"]
                    gone = await remove_vanished(connection, self._run, allow_shrink=allow)
                async with as_service(connection):
                    await lock_turn(connection, self._work.kind, self._job)
                    for number, _ in enumerate(staged):
                        changed = self._staging_tables.changed
                        await parts.mark_merged(connection, self._job, changed, number)
                    values = {"removed": gone.removable, "kept": gone.kept}
                    await self._work.end_on(connection, End(ImportState.COMPLETED, values=values))
        except _Undo:
            async with self._work.as_service() as connection:
                for number, rows in refused.items():
                    await refuse(connection, self._run, number, rows)
                counts = await counted(connection, self._job)
            raise RowsFailed(failed=counts.failed) from None
        await self._work.leave()

    async def _apply(self, connection: Conn, number: int) -> list[int]:
        """Apply a part with all that its resource has to add; the rows that cannot be applied."""
        work, spec = self._work, self._work.spec
        merge = PartMerge(connection, work.context.resources, work.caller, self._run, number)
        refused = await spec.unfit(merge) if spec.unfit else []
        refused += await self._merge.apply(connection, number, without=refused)
        await refuse(connection, self._run, number, refused)
        if reported := self._run.reported:
            await reported.keep(merge)
        if spec.after:
            await spec.after(merge)
        return refused


class _Undo(Exception):
    """Rolls everything back."""
