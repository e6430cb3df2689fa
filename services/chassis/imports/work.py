"""What every step of carrying out an import works with: its transactions, its stages, its end."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from uuid import UUID

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.imports.ending import End, end_import
from services.chassis.imports.imports import Imports
from services.chassis.imports.inspecting import Inspected
from services.chassis.imports.run import Run
from services.chassis.imports.stages import Stages, analyze_stage, drop_stages, make_stages
from services.chassis.imports.store import Job, State
from services.chassis.imports.tasks import FileTask
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import TwoProblems

# Statements over millions of rows take longer than any request's may. Each is planned for itself:
# a plan kept from the first parts, when the table was small, would search it from end to end.
_PATIENT = (
    "set local statement_timeout = '30min'; set local work_mem = '64MB'; "
    "set local plan_cache_mode = force_custom_plan"
)


class Work:
    """One run of one import.

    Attributes:
        imports: of the service.
        context: of the queue's job.
        job: the import, as it was when this run took it.
        spec: of its resource.
        caller: in whose name it is carried out.
        within: what its rows belong to.
        validators: who reads its file.
        stages: the tables of this run.
        is_partial: whether good rows are stored beside faulty ones (`valid_rows`).
        stores_all_or_nothing: whether a single fault keeps everything from being stored.
        shown_every: so often, in seconds, watchers are told that it has got on.
        is_judged: whether the rows are checked beside others and the stored ones.
    """

    shown_every = 0.5

    def __init__(self, imports: Imports, context: JobContext, job: Job) -> None:
        self.imports, self.context, self.job = imports, context, job
        self.spec = imports.spec(job["resource"])
        self.caller = Caller.model_validate(job["caller"])
        self.within = {name: UUID(value) for name, value in job["within"].items()}
        self.validators = imports.validators(job["size"])
        self.stages = Stages.of(imports.database.name, job["id"], job["run"])
        self.is_partial = job["mode"] == "valid_rows"
        self.stores_all_or_nothing = not self.is_partial and not job["dry_run"]
        self.is_judged = True
        self._shown_at = time.monotonic()

    @cached_property
    def file(self) -> FileTask:
        """The file.

        Raises:
            FileUnreadable: it is lost.
        """
        return self.imports.file(self.job)

    @asynccontextmanager
    async def as_service(self) -> AsyncIterator[Conn]:
        """A transaction of the service itself."""
        async with self.imports.database.connection(None) as connection:
            await connection.execute(_PATIENT)
            yield connection

    @asynccontextmanager
    async def as_importer(self) -> AsyncIterator[Conn]:
        """A transaction that sees what the service sees, and is recorded in the caller's name."""
        async with self.imports.database.connection(self.caller) as connection:
            await connection.execute(_PATIENT)
            async with as_service(connection):
                yield connection

    @asynccontextmanager
    async def as_caller(self) -> AsyncIterator[Conn]:
        """A transaction in the caller's name, as long as the resource lets itself be written."""
        async with self.imports.database.connection(self.caller) as connection:
            await connection.execute(_PATIENT)
            if self.spec.guard:
                await self.spec.guard(connection, self.caller, self.within)
            yield connection

    def run(self, found: Inspected) -> Run:
        """How the rows of the file, laid out as was found, relate to the stored ones."""
        fields = self.spec.row.model_fields.keys()
        return Run(
            job=self.job["id"],
            number=self.job["run"],
            spec=self.spec,
            stages=self.stages,
            caller=self.caller,
            within=self.within,
            operation=self.job["operation"],
            absent=frozenset(fields - {*found.layout.present}),
            has_gaps=found.layout.form == "ndjson",
            most_listed=self.imports.settings.max_import_faults,
        )

    async def make_stages(self) -> None:
        """Make the tables of this run, and fill the one that things are looked up in."""
        async with self.as_service() as connection:
            await drop_stages(connection, self.imports.database.name, self.job["id"])
            bureau = self.caller.bureau_code
            reported = self.spec.reported_by(self.caller)
            await make_stages(connection, self.stages, self.spec, bureau, reported)
        if side := self.spec.side:
            rows = await side.rows(self.context.resources, self.caller)
            values = ", ".join(f"${i}" for i in range(1, len(side.columns) + 1))
            insert = f"insert into {self.stages.side} values ({values})"
            async with self.as_service() as connection:
                await connection.executemany(insert, rows)
                await analyze_stage(connection, self.stages.side)

    async def drop_stages(self) -> None:
        """Drop the tables of every run of this import."""
        async with self.as_service() as connection:
            await drop_stages(connection, self.imports.database.name, self.job["id"])

    async def end(self, state: State, *, problem: TwoProblems | None = None) -> None:
        """Write the end down, and let the next import of the resource begin."""
        async with self.as_importer() as connection:
            await self.end_on(connection, End(state, problem, is_judged=self.is_judged))
        await self.drop_stages()

    async def end_on(self, connection: Conn, end: End) -> None:
        """Write the end down, in whatever transaction brings it about."""
        await end_import(connection, self.imports, self.job, self.caller, end)

    def is_time_to_show(self) -> bool:
        """Whether watchers were last told some time ago; they are about to be now."""
        now = time.monotonic()
        if now - self._shown_at < self.shown_every:
            return False
        self._shown_at = now
        return True
