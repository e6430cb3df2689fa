"""Common parts of the steps of an import: transactions, tables, end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from uuid import UUID

from services.chassis.core.errors import StorageFull
from services.chassis.database.db import Conn
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.staging_tables import (
    StagingLost,
    StagingTables,
    analyze_staging,
    drop_staging,
    make_staging_tables,
)
from services.chassis.imports.validators.validation import FileTask
from services.chassis.operations.kind import End
from services.chassis.operations.running import OperationRun
from services.chassis.operations.store import Job, state_of
from services.chassis.queue.jobs import JobContext

# Statements over millions of rows take longer than any request's may. Each is planned for itself:
# a plan kept from the first parts, when the table was small, would search it from end to end.
_PATIENT = (
    "set local statement_timeout = '30min'; set local work_mem = '64MB'; "
    "set local plan_cache_mode = force_custom_plan"
)


class ImportWork(OperationRun):
    """One run of one import: its transactions, tables and validators.

    Attributes:
        spec: of its resource.
        within: what its rows belong to.
        validators: who reads its file.
        staging_tables: the tables of this run.
        is_partial: whether good rows are stored beside faulty ones (`valid_rows`).
        stores_all_or_nothing: whether a single fault keeps everything from being stored.
        is_judged: whether the rows are checked beside others and the stored ones.
    """

    operations: Imports
    settings_sql = _PATIENT

    def __init__(self, operations: Imports, context: JobContext, job: Job) -> None:
        super().__init__(operations, context, job)
        self.spec = operations.spec(job["resource"])
        self.within = {name: UUID(value) for name, value in job["within"].items()}
        self.validators = operations.validators(job["size"])
        self.staging_tables = StagingTables.of(operations.database.name, job["id"], job["run"])
        self.is_partial = job["mode"] == "valid_rows"
        self.stores_all_or_nothing = not self.is_partial and not job["dry_run"]
        self.is_judged = True

    @cached_property
    def file(self) -> FileTask:
        """The file.

        Raises:
            FileUnreadable: it is lost.
        """
        return self.operations.file(self.job)

    @asynccontextmanager
    async def as_caller(self) -> AsyncIterator[Conn]:
        """A transaction in the caller's name, as long as the resource lets itself be written."""
        async with super().as_caller() as connection:
            if self.spec.guard:
                await self.spec.guard(connection, self.caller, self.within)
            yield connection

    def is_passing(self, error: Exception) -> bool:
        """Whether something else was away; or PostgreSQL has crashed, and with it the tables."""
        return super().is_passing(error) or isinstance(error, StagingLost)

    async def make_room(self, waits_for: str | None) -> None:
        """Give room back while the import waits for some: it is filled again from the upload."""
        if waits_for != StorageFull.code:
            return
        await self.abandon()
        async with self.as_service() as connection:
            state = await state_of(connection, self.kind, self.job["id"])
        if state == ImportState.VALIDATING:
            self.operations.delete_rewritten(self.job["id"])

    async def leave(self) -> None:
        """Drop the tables of all runs."""
        async with self.as_service() as connection:
            await drop_staging(connection, self.operations.database.name, self.job["id"])

    async def abandon(self) -> None:
        """Drop the tables of this run."""
        async with self.as_service() as connection:
            name = self.operations.database.name
            await drop_staging(connection, name, self.job["id"], self.job["run"])

    def run(self, found: Inspected) -> Run:
        """How the rows of the file, laid out as was found, relate to the stored ones."""
        fields = self.spec.row.model_fields.keys()
        return Run(
            job=self.job["id"],
            number=self.job["run"],
            spec=self.spec,
            staging_tables=self.staging_tables,
            caller=self.caller,
            within=self.within,
            operation=self.job["operation"],
            absent=frozenset(fields - {*found.layout.present}),
            has_gaps=found.layout.form == "ndjson",
            most_listed=self.operations.settings.max_import_faults,
        )

    async def make_staging_tables(self) -> None:
        """Make the tables of this run, and fill the one that things are looked up in."""
        async with self.as_service() as connection:
            await drop_staging(connection, self.operations.database.name, self.job["id"])
            bureau = self.caller.bureau_code
            reported = self.spec.reported_by(self.caller)
            await make_staging_tables(connection, self.staging_tables, self.spec, bureau, reported)
        if side := self.spec.side:
            rows = await side.rows(self.context.resources, self.caller)
            values = ", ".join(f"${i}" for i in range(1, len(side.columns) + 1))
            insert = f"insert into {self.staging_tables.side} values ({values})"
            async with self.as_service() as connection:
                await connection.executemany(insert, rows)
                await analyze_staging(connection, self.staging_tables.side)

    async def end_on(self, connection: Conn, end: End) -> None:
        """End the import in the transaction that brings its end about."""
        values = {"is_judged": self.is_judged, **end.values}
        await super().end_on(connection, end._replace(values=values))

    async def show(self) -> None:
        """Write a checkpoint if the last one was some time ago, and the database has room.

        Raises:
            StorageFull: the database has its size.
        """
        if self.is_due():
            await self.operations.quota.require_database()
            await self.checkpoint()
