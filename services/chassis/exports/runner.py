"""Writes the file of an export, encrypted.

A run that is killed leaves nothing that counts: the next one begins a file of its own, under a
key of its own.
"""

import asyncio
import hashlib
from contextlib import aclosing
from uuid import UUID

from services.chassis.core.errors import StatementTimeout, Unavailable
from services.chassis.core.threads import in_thread
from services.chassis.exports.content import Content
from services.chassis.exports.exports import Exports
from services.chassis.exports.kind import ExportState
from services.chassis.exports.presentation import Presentation
from services.chassis.exports.selection import Selection
from services.chassis.files.formats import FileKind
from services.chassis.files.held_files import QuotaExceeded
from services.chassis.http.problems import as_app_error
from services.chassis.lists.query import read_selection
from services.chassis.operations.kind import End
from services.chassis.operations.running import OperationRun
from services.chassis.operations.store import Job
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import TwoProblems, two_problems
from services.chassis.queue.transient_errors import is_outage

# No request waits for it over a connection, so it may take longer than a request's statements.
_LONGEST = "30min"
# Another attempt would not help.
_FOR_GOOD = (StatementTimeout, QuotaExceeded)


class ExportRun(OperationRun):
    """One run of one export."""

    operations: Exports

    def __init__(self, operations: Exports, context: JobContext, job: Job) -> None:
        super().__init__(operations, context, job)
        self._file = operations.file(job)
        self._bytes = 0

    async def carry_out(self) -> None:
        """Write the file from its beginning."""
        self.operations.delete_earlier_files(self.job)
        content = self._content()
        writing = asyncio.create_task(self._write(content))
        try:
            while not (await asyncio.wait({writing}, timeout=self.shown_every))[0]:
                await self.checkpoint(bytes=self._bytes)
            digest = await writing
        finally:
            writing.cancel()
            await asyncio.wait({writing})
        values = {"rows": content.rows, "bytes": self._bytes, "sha256": digest}
        async with self.for_caller() as connection:
            await self.end_on(connection, End(ExportState.COMPLETED, values=values))

    def refusal(self, error: Exception) -> TwoProblems | None:
        """The problem of a selection that cannot be read, or whose file is too large."""
        problem = as_app_error(error)
        if problem.status < 500 or isinstance(problem, _FOR_GOOD):
            return two_problems(problem)
        return None

    def is_passing(self, error: Exception) -> bool:
        """Whether the database is away or busy, or a disk full."""
        return is_outage(error) or isinstance(as_app_error(error), Unavailable)

    async def make_room(self, waits_for: str | None) -> None:
        """Delete what has been written: the next run begins anew."""
        del waits_for
        await self.abandon()

    async def leave(self) -> None:
        """Delete the file of a run without success."""
        await self.abandon()

    async def abandon(self) -> None:
        """Delete the file of this run."""
        await in_thread(self._file.delete)

    def _content(self) -> Content:
        exports, job = self.operations, self.job
        exportable = exports.exportable(job["resource"])
        listing = exportable.listing_in(job["language"])
        parents = {name: UUID(value) for name, value in job["within"].items()}
        wanted = read_selection(listing, job["query"])
        shown = Presentation.of(wanted, job["format"], "/query", job["language"])
        return Content(
            exports.database,
            listing.reader(self.caller),
            Selection.of(listing, self.caller, wanted, exportable.columns(parents), shown),
            FileKind(job["format"], job["compress"], job["bom"]),
            exports.settings.scratch_dir,
            longest=_LONGEST,
            waits=True,
        )

    async def _write(self, content: Content) -> str:
        """Write everything; its digest."""
        room = self.operations.quota.room(self.caller, self.job["id"])
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
