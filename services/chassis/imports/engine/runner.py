"""Carries an import out: inspect, stage, judge, merge; goes on where a killed run has stopped.

Data lost in a crash (the staging tables, and with PostgreSQL's crash their tables) is made again
from the file. What has been merged is marked part by part and never merged twice.
"""

from collections.abc import AsyncGenerator, Sequence

from services.chassis.imports.engine.inspection import Inspection
from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.loading import Loader, RowsFailed
from services.chassis.imports.engine.staging import Stager
from services.chassis.imports.engine.work import ImportWork
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging import parts
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.counts import counted, foreseen
from services.chassis.imports.staging.deletions import (
    Vanished,
    count_vanished,
    require_no_shrink,
)
from services.chassis.imports.staging.faults import cut_faults
from services.chassis.imports.staging.parts import StagedPart
from services.chassis.imports.staging.passed_rows import passed_over
from services.chassis.imports.staging.row_checks import Judge
from services.chassis.imports.staging.settling import drop_settled, settle
from services.chassis.imports.staging.staging_tables import require_staging
from services.chassis.operations.kind import End
from services.chassis.operations.store import change, stamp


class ImportRun(ImportWork):
    """The steps of one run."""

    async def carry_out(self) -> None:
        """Bring the import to its end, from wherever it stands.

        Raises:
            FileUnreadable: its file is lost.
            StorageFull: the database has no room for more.
        """
        await self.operations.quota.require_database()
        async with self.as_caller():
            pass  # what its guard forbids is refused before any work is done
        await self.make_staging_tables()
        if self.job["state"] == ImportState.LOADING and self.is_partial:
            await self._go_on_loading()
            return
        found = await self._inspect()
        run = self.run(found)
        stager = Stager(self, run, found)
        staged = await stager.stage_file()
        self.is_judged = not stager.is_lost
        await self._judge(run, staged)
        if self.job["dry_run"]:
            await self._end_dry_run(run)
        elif self.is_partial:
            await Loader(self, run).load_parts()
        else:
            await Loader(self, run).load_whole(staged)

    async def _inspect(self) -> Inspected:
        found = await Inspection(self).inspect()
        async with self.as_service() as connection:
            await parts.forget_parts(connection, [self.job["id"]])
            await change(
                connection,
                self.kind,
                self.job,
                layout=found.layout.model_dump(),
                format=found.format,
                encoding=found.encoding,
                is_rewritten=found.is_rewritten,
                reading=found.reading,
            )
        self._reading = found.reading
        return found

    async def _judge(self, run: Run, staged: Sequence[StagedPart]) -> None:
        """Judge all rows; from here on it is known what becomes of each.

        Raises:
            RowsFailed: there are faulty ones, and all or nothing was asked for.
            WouldShrink: too many stored rows would be removed.
        """
        if self.is_judged:
            await Judge(
                self.operations.database, run, [one.part.first_row for one in staged]
            ).judge()
        async with self.as_service() as connection:
            await require_staging(connection, self.staging_tables)
            await settle(connection, run)
            await cut_faults(connection, run.job, run.most_listed)
            failed = (await counted(connection, self.job)).failed
            passed = await passed_over(connection, run.job)
            notices = [*self._reading["notices"], *passed["notices"]]
            reading = {**self._reading, **passed, "notices": notices}
            await change(connection, self.kind, self.job, reading=reading)
        if self.stores_all_or_nothing and failed:
            raise RowsFailed(failed=failed)
        if run.operation == "replace" and not self.job["allow_shrink"]:
            async with self.as_caller() as connection:
                await require_staging(connection, self.staging_tables)
                require_no_shrink(await count_vanished(connection, run))
        if self.job["dry_run"]:
            return
        async with self.as_service() as connection:
            # All rows are judged: from here on another run goes on in the middle.
            await change(connection, self.kind, self.job, state=ImportState.LOADING)
            await stamp(connection, self.kind, self.job, "loading_at")

    async def _end_dry_run(self, run: Run) -> None:
        found = Vanished()
        if run.operation == "replace":
            async with self.as_caller() as connection:
                await require_staging(connection, self.staging_tables)
                found = await count_vanished(connection, run)
        async with self.for_caller() as connection:
            await require_staging(connection, self.staging_tables)
            counts = await foreseen(connection, self.job, run.staging_tables.changed)
            if counts.failed:
                # With a faulty row nothing is removed; what its correction keeps is not known yet.
                found = Vanished()
            values = {"counts": counts, "removed": found.removable, "kept": found.kept}
            await self.end_on(connection, End(ImportState.COMPLETED, values=values))
        await self.leave()

    async def _go_on_loading(self) -> None:
        """Merge what an earlier run has judged, but not merged."""
        job = self.job
        found = Inspected(
            Layout(**job["layout"]),
            job["format"],
            job["encoding"],
            job["is_rewritten"],
            job["reading"] or {},
        )
        run = self.run(found)
        async with self.as_service() as connection:
            left = await parts.parts_to_merge(connection, job)
        await Stager(self, run, found).stage(_each(left))
        async with self.as_service() as connection:
            await require_staging(connection, self.staging_tables)
            await drop_settled(connection, run)
        await Loader(self, run).load_parts()


async def _each(staged: Sequence[StagedPart]) -> AsyncGenerator[Part, None]:
    for one in staged:
        yield one.part
