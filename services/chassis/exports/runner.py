"""Carries an export out: writes its file, encrypted, and says so when it is complete.

A run that is killed leaves nothing that counts: the next one begins a file of its own, under a
key of its own.
"""

import asyncio
import hashlib
from contextlib import aclosing
from typing import Any
from uuid import UUID

import structlog

from services.chassis.audit.log import record
from services.chassis.core.errors import StatementTimeout, StorageFull, Unavailable
from services.chassis.core.threads import in_thread
from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service
from services.chassis.exports import store
from services.chassis.exports.content import Content
from services.chassis.exports.exports import Exports
from services.chassis.exports.selection import Selection
from services.chassis.exports.store import Cancelled, Job, State, Superseded
from services.chassis.files.encrypted_files import new_key, wrap_key
from services.chassis.files.formats import FileKind
from services.chassis.files.held_files import QuotaExceeded, release, settle
from services.chassis.http.problems import as_app_error
from services.chassis.lists.query import read_selection
from services.chassis.queue.jobs import JobContext, TryAgain
from services.chassis.queue.runs import describe
from services.chassis.queue.stored_problem import two_problems

log = structlog.get_logger()

RUN = "export.run"
_SHOWN_EVERY = 0.5
# Nobody waits for it over a connection, so it may take longer than a request's statements.
_LONGEST = "30min"
# Trying again would not help.
_FOR_GOOD = (StatementTimeout, StorageFull, QuotaExceeded)


class Broken(Exception):
    """A run broke off; the export is begun again."""


async def run_export(context: JobContext, payload: dict[str, Any]) -> None:
    """The handler of the job.

    Raises:
        TryAgain: the database is away or busy, or a disk is full.
        Broken: something else went wrong.
    """
    exports = context.resources[Exports]
    key = wrap_key(new_key(), exports.settings.files_key_bytes)
    async with exports.database.connection(None) as connection:
        job = await store.take(connection, UUID(payload["export"]), key)
    if job is None:
        return
    try:
        await _Export(exports, context, job).run()
    except Superseded:
        log.info("export taken over by another run", job=str(job["id"]))


class _Export:
    """One run of one export."""

    def __init__(self, exports: Exports, context: JobContext, job: Job) -> None:
        self._exports, self._context, self._job = exports, context, job
        self._caller = Caller.model_validate(job["caller"])
        self._file = exports.file(job)
        self._bytes = 0

    async def run(self) -> None:
        """Carry the export out, and write down how it ends.

        Raises:
            Superseded: another run has taken over.
            TryAgain: the database is away or busy, or a disk is full.
            Broken: something else went wrong.
        """
        try:
            await self._carry_out_or_fail()
        except Cancelled:
            await self._end(State.CANCELLED)

    async def _carry_out_or_fail(self) -> None:
        try:
            await self._carry_out()
        except (Superseded, Cancelled):
            raise
        except Exception as error:
            await self._fail(error)

    async def _carry_out(self) -> None:
        """Write the file from its beginning."""
        self._exports.delete_earlier_files(self._job)
        content = self._content()
        writing = asyncio.create_task(self._write(content))
        try:
            while not (await asyncio.wait({writing}, timeout=_SHOWN_EVERY))[0]:
                await self._show()
            digest = await writing
        finally:
            writing.cancel()
            await asyncio.wait({writing})
        await self._end(State.COMPLETED, rows=content.rows, bytes=self._bytes, sha256=digest)

    async def _end(self, state: State, **values: Any) -> None:
        """Write the end down; without success nothing of the file is kept."""
        job = self._job
        async with self._exports.database.connection(self._caller) as connection:
            await store.end(connection, job, state, **values)
            async with as_service(connection):
                if state == State.COMPLETED:
                    await settle(connection, job["id"], self._bytes)
                else:
                    await release(connection, [job["id"]])
            detail = {"state": state, "format": job["format"], "rows": values.get("rows")}
            await record(
                connection, self._caller, "export", job["resource"], job["id"], detail=detail
            )
        if state != State.COMPLETED:
            self._file.delete()
        log.info("export ended", job=str(job["id"]), resource=job["resource"], **detail)

    async def _fail(self, error: Exception) -> None:
        """End it if it would fail again; otherwise let the queue run it once more, from the start.

        Raises:
            TryAgain: the database is away or busy, or a disk is full.
            Broken: something else went wrong.
        """
        problem = as_app_error(error)
        if problem.status < 500 or isinstance(problem, _FOR_GOOD):
            await self._end(State.FAILED, problem=two_problems(problem))
        elif isinstance(problem, Unavailable | StorageFull):
            await self._put_back(problem.code)
            raise TryAgain(problem.code, code=problem.code) from error
        else:
            # Without its words: what PostgreSQL says of a row may quote it, and this is logged.
            raise Broken(describe(error)).with_traceback(error.__traceback__) from None

    async def _put_back(self, waits_for: str) -> None:
        """Let the export wait in the queue, without the room that it has taken.

        Raises:
            Superseded: another run has taken over.
            Cancelled: it has been called off.
        """
        self._file.delete()
        try:
            async with self._exports.database.connection(self._caller) as connection:
                await store.put_back(connection, self._job, waits_for)
        except (Superseded, Cancelled):
            raise
        except Exception as fault:  # with the database away nothing can be written down
            log.warning(
                "wait of an export not written down",
                job=str(self._job["id"]),
                error=describe(fault),
            )

    def _content(self) -> Content:
        exports, job = self._exports, self._job
        exportable = exports.exportable(job["resource"])
        listing = exportable.listing_in(job["language"])
        parents = {name: UUID(value) for name, value in job["within"].items()}
        wanted = read_selection(listing, job["query"])
        return Content(
            exports.database,
            listing.reader(self._caller),
            Selection.of(listing, self._caller, wanted, exportable.columns(parents)),
            FileKind(job["format"], job["compress"], job["bom"]),
            exports.settings.scratch_dir,
            longest=_LONGEST,
            waits=True,
        )

    async def _write(self, content: Content) -> str:
        """Write everything; its digest."""
        room = self._exports.quota.room(self._caller, self._job["id"])
        writer, digest = await in_thread(self._file.writer), hashlib.sha256()

        def append(chunk: bytes) -> None:
            digest.update(chunk)
            writer.write(chunk)

        try:
            async with aclosing(content.chunks()) as chunks:
                async for chunk in chunks:
                    await room.grow(writer.size + len(chunk))
                    await in_thread(append, chunk)
                    self._bytes = writer.size
        finally:
            await in_thread(writer.close)
        return digest.hexdigest()

    async def _show(self) -> None:
        """Say how far it is.

        Raises:
            Superseded: another run has taken over.
            Cancelled: it has been called off.
        """
        async with self._exports.database.connection(self._caller) as connection:
            await store.change(connection, self._job, bytes=self._bytes)
        await self._context.progressed()
