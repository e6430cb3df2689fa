"""Carries an import out: inspect, stage, judge, merge; goes on where a killed run has stopped.

What is lost with a crash (the stages, and with PostgreSQL's crash their tables) is made again
from the file. What has been merged is marked part by part and never merged twice.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

import structlog

from services.chassis.audit import record
from services.chassis.auth import Caller
from services.chassis.db import Conn, as_service
from services.chassis.errors import AppError
from services.chassis.imports import store
from services.chassis.imports.imports import Imports
from services.chassis.imports.inspecting import Inspected
from services.chassis.imports.judging import Judge
from services.chassis.imports.layout import Layout
from services.chassis.imports.merging import Merge, refuse
from services.chassis.imports.readable import Wishes
from services.chassis.imports.removing import remove_vanished, require_no_shrink
from services.chassis.imports.run import Run
from services.chassis.imports.spec import Moment
from services.chassis.imports.splitting import Part
from services.chassis.imports.stages import (
    Stages,
    analyze_stage,
    analyze_target,
    drop_stages,
    make_stages,
    require_stages,
)
from services.chassis.imports.store import (
    Cancelled,
    Counts,
    Job,
    StagedPart,
    State,
    Superseded,
)
from services.chassis.imports.tasks import FileTask
from services.chassis.imports.validators import ValidatorDied
from services.chassis.job_runs import describe
from services.chassis.jobs import JobContext, TryAgain, enqueue_on
from services.chassis.kept_problem import Refused, TwoProblems, two_problems
from services.chassis.text import Text

log = structlog.get_logger()

RUN = "import.run"
_SHOWN_EVERY = 0.5
# Statements over millions of rows take longer than any request's may. Each is planned for itself:
# a plan kept from the first parts, when the table was small, would search it from end to end.
_PATIENT = (
    "set local statement_timeout = '30min'; set local work_mem = '64MB'; "
    "set local plan_cache_mode = force_custom_plan"
)


class RowsFailed(AppError):
    """All or nothing was asked for, and some rows are faulty."""

    status = 422
    code = "import.rows_failed"
    title = Text("有错误行,未导入", "Faulty rows, nothing imported")
    detail = Text(
        "{failed} 行有错误,未写入任何数据;请下载 failed-rows 修改后重新导入。",
        "{failed} row(s) are faulty and nothing was stored: download failed-rows, correct them "
        "and import again.",
    )


class Broken(Exception):
    """A run broke off; the job is taken up again."""


async def run_import(context: JobContext, payload: dict[str, Any]) -> None:
    """The handler of the job: carry an import out, if it is its turn.

    Raises:
        TryAgain: another service is away.
        Broken: something else went wrong.
    """
    imports: Imports = context.state.imports
    async with imports.database.connection(None) as connection:
        job = await store.take(connection, UUID(payload["import"]), context.job_id)
    if job is None:
        return
    work = _Import(imports, context, job)
    try:
        await work.carry_out()
    except Refused as refusal:
        await work.end(State.FAILED, problem=refusal.problem)
    except AppError as problem:
        if problem.status >= 500:
            raise TryAgain(problem.code) from problem
        await work.end(State.FAILED, problem=two_problems(problem))
    except Cancelled:
        await work.end(State.CANCELLED)
    except Superseded:
        log.info("import taken over by another run", job=str(job["id"]))
    except ValidatorDied as error:
        raise Broken(f"validator: {error}").with_traceback(error.__traceback__) from None
    except Exception as error:
        # Without its words: what PostgreSQL says of a row may quote it, and this is logged.
        raise Broken(describe(error)).with_traceback(error.__traceback__) from None


class _Import:
    """One run of one import."""

    def __init__(self, imports: Imports, context: JobContext, job: Job) -> None:
        self._imports, self._context, self._job = imports, context, job
        self._database = imports.database
        self._spec = imports.spec(job["resource"])
        self._caller = Caller.model_validate(job["caller"])
        self._within = {name: UUID(value) for name, value in job["within"].items()}
        self._validators = imports.validators(job["size"])
        self._stages = Stages.of(self._database.name, job["id"], job["run"])
        self._is_partial = job["mode"] == "valid_rows"
        self._began = self._shown_at = time.monotonic()

    @cached_property
    def _file(self) -> FileTask:
        return self._imports.file(self._job)

    async def carry_out(self) -> None:
        """Bring the import to its end, from wherever it stands.

        Raises:
            FileUnreadable: its file is lost.
        """
        async with self._as_caller():
            pass  # what its guard forbids is refused before any work is done
        await self._make_stages()
        if self._job["state"] == State.LOADING and self._is_partial:
            await self._go_on_loading()
            return
        found = await self._inspect()
        run = self._run(found)
        staged = await self._stage(run, found, self._split(found))
        await self._judge(run, staged)
        if self._job["dry_run"]:
            await self._end_dry_run(run)
        elif self._is_partial:
            await self._load_parts(run)
        else:
            await self._load_whole(run, staged)

    async def end(self, state: State, *, problem: TwoProblems | None = None) -> None:
        """Write the end down, and let the next import of the resource begin."""
        async with self._as_service() as connection:
            counts = await store.counted(connection, self._job)
            await self._end_on(connection, state, counts, problem=problem)
        await self._drop_stages()

    @asynccontextmanager
    async def _as_service(self) -> AsyncIterator[Conn]:
        async with self._database.connection(None) as connection:
            await connection.execute(_PATIENT)
            yield connection

    @asynccontextmanager
    async def _as_caller(self) -> AsyncIterator[Conn]:
        """A transaction in the caller's name, as long as the resource lets itself be written."""
        async with self._database.connection(self._caller) as connection:
            await connection.execute(_PATIENT)
            if self._spec.guard:
                await self._spec.guard(connection, self._caller, self._within)
            yield connection

    async def _make_stages(self) -> None:
        async with self._as_service() as connection:
            await drop_stages(connection, self._database.name, self._job["id"])
            bureau = self._caller.bureau_code
            await make_stages(connection, self._stages, self._spec, bureau)
        if side := self._spec.side:
            rows = await side.rows(self._context.state, self._caller)
            values = ", ".join(f"${i}" for i in range(1, len(side.columns) + 1))
            insert = f"insert into {self._stages.side} values ({values})"
            async with self._as_service() as connection:
                await connection.executemany(insert, rows)
                await analyze_stage(connection, self._stages.side)

    async def _drop_stages(self) -> None:
        async with self._as_service() as connection:
            await drop_stages(connection, self._database.name, self._job["id"])

    async def _inspect(self) -> Inspected:
        wishes = Wishes(**self._job["wishes"])
        most = self._imports.settings.max_import_bytes
        found = await self._validators.inspect(self._file, wishes, most)
        async with self._as_service() as connection:
            await store.forget_judgement(connection, self._job)
            await store.keep_inspected(connection, self._job, found)
        return found

    def _run(self, found: Inspected) -> Run:
        fields = self._spec.row.model_fields.keys()
        return Run(
            job=self._job["id"],
            spec=self._spec,
            stages=self._stages,
            caller=self._caller,
            within=self._within,
            operation=self._job["operation"],
            absent=frozenset(fields - {*found.layout.present}),
            has_gaps=found.layout.form == "ndjson",
        )

    async def _split(self, found: Inspected) -> AsyncGenerator[Part, None]:
        """The parts of the file, as fast as it is cut up: who stages them may be slower."""
        queue: asyncio.Queue[Part | None] = asyncio.Queue()

        async def cut() -> None:
            try:
                parts = self._validators.split(
                    self._file, found.layout, is_rewritten=found.is_rewritten
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

    async def _stage(
        self, run: Run, found: Inspected, parts: AsyncGenerator[Part, None]
    ) -> list[StagedPart]:
        """Stage parts, a few at a time; memory does not grow with their number."""
        staged: list[StagedPart] = []
        pending: set[asyncio.Task[StagedPart]] = set()

        async def stage(part: Part) -> StagedPart:
            counts = await self._validators.stage(
                self._file, found.layout, part, run, is_rewritten=found.is_rewritten
            )
            return StagedPart(part, *counts)

        async def take(*, until: int) -> None:
            nonlocal pending
            while len(pending) > until:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                staged.extend(task.result() for task in done)
                await self._show_staged(staged)

        try:
            async with aclosing(parts):
                async for part in parts:
                    pending.add(asyncio.create_task(stage(part)))
                    await take(until=2 * self._imports.in_processes.size)
            await take(until=0)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return sorted(staged, key=lambda one: one.part.number)

    async def _judge(self, run: Run, staged: Sequence[StagedPart]) -> None:
        """Judge all rows; from here on it is known what becomes of each.

        Raises:
            RowsFailed: there are faulty ones, and all or nothing was asked for.
            WouldShrink: too many stored rows would be removed.
        """
        async with self._as_service() as connection:
            await store.keep_parts(connection, self._job, staged)
        await Judge(self._database, run, [one.part.first_row for one in staged]).judge()
        async with self._as_service() as connection:
            await require_stages(connection, self._stages)
            failed = await store.count_failed(connection, self._job)
            rows, read = sum(one.rows for one in staged), sum(one.part.length for one in staged)
            await store.change(connection, self._job, rows=rows, failed=failed, bytes_read=read)
        if run.operation == "replace" and not self._job["allow_shrink"]:
            async with self._as_caller() as connection:
                await require_stages(connection, self._stages)
                await require_no_shrink(connection, run)
        if self._job["dry_run"]:
            return
        if failed and not self._is_partial:
            raise RowsFailed(failed=failed)
        async with self._as_service() as connection:
            await store.begin_loading(connection, self._job)

    async def _end_dry_run(self, run: Run) -> None:
        async with self._as_service() as connection:
            await require_stages(connection, self._stages)
            counts = await store.foreseen(connection, self._job, run.stages.changed)
            await self._end_on(connection, State.COMPLETED, counts)
        await self._drop_stages()

    async def _go_on_loading(self) -> None:
        """Merge what an earlier run has judged, but not merged."""
        job = self._job
        found = Inspected(
            Layout(**job["layout"]), job["format"], job["encoding"], job["is_rewritten"]
        )
        run = self._run(found)
        async with self._as_service() as connection:
            parts = await store.parts_to_merge(connection, job)
        await self._stage(run, found, _each(parts))
        await Judge(self._database, run, []).drop_faulty()
        await self._load_parts(run)

    async def _load_parts(self, run: Run) -> None:
        """Merge part by part, each in a transaction of its own, on a few connections."""
        async with self._as_service() as connection:
            await require_stages(connection, self._stages)
            waiting = deque(await store.mark_untouched(connection, self._job, run.stages.changed))
        merge = Merge(run)

        async def work() -> None:
            while waiting:
                await self._load_part(run, merge, waiting.popleft())

        workers = [
            asyncio.create_task(work()) for _ in range(self._imports.settings.merge_connections)
        ]
        try:
            while workers:
                done, _ = await asyncio.wait(workers, timeout=_SHOWN_EVERY)
                for task in done:
                    task.result()
                workers = [task for task in workers if not task.done()]
                await self._show_loaded()
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        async with self._as_service() as connection:
            counts = await store.counted(connection, self._job)
            await self._end_on(connection, State.COMPLETED, counts)
        await self._drop_stages()

    async def _load_part(self, run: Run, merge: Merge, number: int) -> None:
        async with self._as_caller() as connection:
            await require_stages(connection, self._stages)
            refused = await self._apply(connection, run, merge, number)
            async with as_service(connection):
                await store.mark_merged(
                    connection, self._job, run.stages.changed, number, refused=len(refused)
                )
        await self._context.progressed()

    async def _load_whole(self, run: Run, staged: Sequence[StagedPart]) -> None:
        """Merge everything in one transaction, or nothing.

        Raises:
            RowsFailed: some rows cannot be applied after all.
        """
        merge, refused = Merge(run), dict[int, list[int]]()
        coming = sum(one.rows for one in staged[1:])
        try:
            async with self._as_caller() as connection:
                await require_stages(connection, self._stages)
                for number, _ in enumerate(staged):
                    if rows := await self._apply(connection, run, merge, number):
                        refused[number] = rows
                    if number == 0 and coming:
                        async with as_service(connection):
                            await analyze_target(connection, self._spec, coming)
                if refused:
                    raise _Undo
                removed = 0
                if run.operation == "replace":
                    removed = await remove_vanished(connection, run)
                async with as_service(connection):
                    for number, _ in enumerate(staged):
                        changed = run.stages.changed
                        await store.mark_merged(connection, self._job, changed, number)
                    counts = await store.counted(connection, self._job)
                    await self._end_on(connection, State.COMPLETED, counts, removed=removed)
        except _Undo:
            async with self._as_service() as connection:
                for number, rows in refused.items():
                    await refuse(connection, run, number, rows)
                failed = await store.count_failed(connection, self._job)
            raise RowsFailed(failed=failed) from None
        await self._drop_stages()

    async def _apply(self, connection: Conn, run: Run, merge: Merge, number: int) -> list[int]:
        """Apply a part with all that its resource has to add; the rows that cannot be applied."""
        moment = Moment(connection, self._context.state, self._caller, run, number)
        refused = await self._spec.unfit(moment) if self._spec.unfit else []
        refused += await merge.apply(connection, number, without=refused)
        await refuse(connection, run, number, refused)
        if self._spec.after:
            await self._spec.after(moment)
        return refused

    async def _end_on(
        self,
        connection: Conn,
        state: State,
        counts: Counts,
        *,
        problem: TwoProblems | None = None,
        removed: int = 0,
    ) -> None:
        """Write the end down, in whatever transaction brings it about."""
        job, values = self._job, {**counts._asdict(), "removed": removed}
        waiting = await store.next_in_turn(connection, job)
        await store.change(connection, job, state=state, problem=problem, **values)
        await store.stamp(connection, job, "finished_at")
        detail = {"state": state, **values}
        caller, resource = self._caller, job["resource"]
        await record(connection, caller, "import", resource, job["id"], detail=detail)
        if waiting:
            payload = {"import": str(waiting)}
            await enqueue_on(connection, self._database.name, RUN, payload)
        seconds = round(time.monotonic() - self._began, 2)
        log.info("import ended", job=str(job["id"]), resource=resource, seconds=seconds, **detail)

    async def _show_staged(self, staged: Sequence[StagedPart]) -> None:
        if self._is_time_to_show():
            async with self._as_service() as connection:
                await store.change(
                    connection,
                    self._job,
                    bytes_read=sum(one.part.length for one in staged),
                    rows=sum(one.rows for one in staged),
                    failed=sum(one.failed for one in staged),
                )
            await self._context.progressed()

    async def _show_loaded(self) -> None:
        if self._is_time_to_show():
            async with self._as_service() as connection:
                counts = await store.counted(connection, self._job)
                await store.change(connection, self._job, **counts._asdict())

    def _is_time_to_show(self) -> bool:
        now = time.monotonic()
        if now - self._shown_at < _SHOWN_EVERY:
            return False
        self._shown_at = now
        return True


class _Undo(Exception):
    """Rolls everything back."""


async def _each(staged: Sequence[StagedPart]) -> AsyncGenerator[Part, None]:
    for one in staged:
        yield one.part
