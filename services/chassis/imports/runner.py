"""Carries an import out: inspect, stage, judge, merge; goes on where a killed run has stopped.

What is lost with a crash (the stages, and with PostgreSQL's crash their tables) is made again
from the file. What has been merged is marked part by part and never merged twice.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

import structlog

from services.chassis.core.errors import AppError
from services.chassis.imports import parts, store
from services.chassis.imports.breaking import break_off
from services.chassis.imports.ending import End
from services.chassis.imports.faults import cut_faults
from services.chassis.imports.imports import Imports
from services.chassis.imports.inspecting import Inspected
from services.chassis.imports.inspection import Inspection
from services.chassis.imports.judging import Judge
from services.chassis.imports.layout import Layout
from services.chassis.imports.loader import Loader, RowsFailed
from services.chassis.imports.removing import Vanished, look_for_vanished, require_no_shrink
from services.chassis.imports.run import Run
from services.chassis.imports.settling import drop_settled, settle
from services.chassis.imports.splitting import Part
from services.chassis.imports.stager import Stager
from services.chassis.imports.stages import require_stages
from services.chassis.imports.store import Cancelled, StagedPart, State, Superseded
from services.chassis.imports.work import Work
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import Refused, two_problems
from services.chassis.queue.transient_errors import is_outage

log = structlog.get_logger()


async def run_import(context: JobContext, payload: dict[str, Any]) -> None:
    """The handler of the job: carry an import out, if it is its turn.

    Raises:
        TryAgain: another service or the database is away.
        Broken: something else went wrong (see `breaking`).
    """
    imports = context.resources[Imports]
    async with imports.database.connection(None) as connection:
        job = await store.take(connection, UUID(payload["import"]), context.job_id)
    if job is None:
        return
    work = Work(imports, context, job)
    try:
        await _to_its_end(work)
    except Superseded:
        log.info("import taken over by another run", job=str(job["id"]))
    except Exception as error:
        await break_off(work, error)


async def _to_its_end(work: Work) -> None:
    try:
        if work.job["is_cancelled"]:
            raise Cancelled
        await _Import(work).carry_out()
    except Refused as refusal:
        await work.end(State.FAILED, problem=refusal.problem)
    except AppError as problem:
        if is_outage(problem):
            raise
        await work.end(State.FAILED, problem=two_problems(problem))
    except Cancelled:
        await work.end(State.CANCELLED)


class _Import:
    """The steps of one run."""

    def __init__(self, work: Work) -> None:
        self._work, self._job = work, work.job
        self._database = work.imports.database

    async def carry_out(self) -> None:
        """Bring the import to its end, from wherever it stands.

        Raises:
            FileUnreadable: its file is lost.
            StorageFull: the database has no room for more.
        """
        await self._work.imports.quota.require_database()
        async with self._work.as_caller():
            pass  # what its guard forbids is refused before any work is done
        await self._work.make_stages()
        if self._job["state"] == State.LOADING and self._work.is_partial:
            await self._go_on_loading()
            return
        found = await self._inspect()
        run = self._work.run(found)
        stager = Stager(self._work, run, found)
        staged = await stager.stage_file()
        self._work.is_judged = not stager.is_lost
        await self._judge(run, staged)
        if self._job["dry_run"]:
            await self._end_dry_run(run)
        elif self._work.is_partial:
            await Loader(self._work, run).load_parts()
        else:
            await Loader(self._work, run).load_whole(staged)

    async def _inspect(self) -> Inspected:
        found = await Inspection(self._work).inspect()
        async with self._work.as_service() as connection:
            await parts.forget_parts(connection, [self._job["id"]])
            await store.keep_inspected(connection, self._job, found)
        return found

    async def _judge(self, run: Run, staged: Sequence[StagedPart]) -> None:
        """Judge all rows; from here on it is known what becomes of each.

        Raises:
            RowsFailed: there are faulty ones, and all or nothing was asked for.
            WouldShrink: too many stored rows would be removed.
        """
        if self._work.is_judged:
            await Judge(self._database, run, [one.part.first_row for one in staged]).judge()
        async with self._work.as_service() as connection:
            await require_stages(connection, self._work.stages)
            await settle(connection, run)
            await cut_faults(connection, run.job, run.most_listed)
            failed = (await parts.counted(connection, self._job)).failed
            await store.change(connection, self._job)
        if self._work.stores_all_or_nothing and failed:
            raise RowsFailed(failed=failed)
        if run.operation == "replace" and not self._job["allow_shrink"]:
            async with self._work.as_caller() as connection:
                await require_stages(connection, self._work.stages)
                require_no_shrink(await look_for_vanished(connection, run))
        if self._job["dry_run"]:
            return
        async with self._work.as_service() as connection:
            await store.begin_loading(connection, self._job)

    async def _end_dry_run(self, run: Run) -> None:
        found = Vanished()
        if run.operation == "replace":
            async with self._work.as_caller() as connection:
                await require_stages(connection, self._work.stages)
                found = await look_for_vanished(connection, run)
        async with self._work.as_importer() as connection:
            await require_stages(connection, self._work.stages)
            counts = await parts.foreseen(connection, self._job, run.stages.changed)
            if counts.failed:
                # With a faulty row nothing is removed; what its correction keeps is not known yet.
                found = Vanished()
            end = End(State.COMPLETED, counts=counts, removed=found.removable, kept=found.kept)
            await self._work.end_on(connection, end)
        await self._work.drop_stages()

    async def _go_on_loading(self) -> None:
        """Merge what an earlier run has judged, but not merged."""
        job = self._job
        found = Inspected(
            Layout(**job["layout"]), job["format"], job["encoding"], job["is_rewritten"]
        )
        run = self._work.run(found)
        async with self._work.as_service() as connection:
            left = await parts.parts_to_merge(connection, job)
        await Stager(self._work, run, found).stage(_each(left))
        async with self._work.as_service() as connection:
            await require_stages(connection, self._work.stages)
            await drop_settled(connection, run)
        await Loader(self._work, run).load_parts()


async def _each(staged: Sequence[StagedPart]) -> AsyncGenerator[Part, None]:
    for one in staged:
        yield one.part
