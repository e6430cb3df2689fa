"""Import calls: send a file, wait for the end and read the outcome."""

from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

from client.imports.job import ImportFailed, ImportJob
from client.imports.options import ImportOptions
from client.imports.previewing import ImportPreviews
from client.imports.upload import Upload
from client.imports.uploading import OnProgress, ignore
from client.problems import Fault, Problem
from client.resources import IMPORTING_SERVICES, imports_at

_NOT_FOUND = 404
_MAX_WAIT = 30
_SHOWN_EVERY = 1


class Imports(ImportPreviews):
    """File imports.

    Every call is retried automatically: opening an import again with the same file and options
    returns the same import until it has ended.
    """

    def import_file(
        self,
        resource: str,
        file: Path,
        *,
        wait: bool = True,
        on_progress: OnProgress | None = None,
        **options: Unpack[ImportOptions],
    ) -> ImportJob:
        """Import a CSV, NDJSON or XLSX file, optionally compressed with gzip.

        Called again after an interruption, it resumes the import it had opened: the upload from
        where it broke off, or the wait.

        Args:
            resource: resource of the rows (`staff`).
            file: the file.
            wait: whether to wait for the end; otherwise the import continues on the server.
            on_progress: called repeatedly with the current state of the import.
            options: see `ImportOptions`.

        Returns:
            The import, completed if it was waited for. `progress` counts the rows: with
            `mode="valid_rows"` and in a dry run, some may have failed (see `faults`).

        Raises:
            ImportFailed: nothing was imported; `faults(failure.job)` lists the reasons. An import
                with `valid_rows` may have been cancelled midway; then `progress` counts the
                stored rows.
            Problem: the platform refuses to open the import.
            ValueError: the resource cannot be imported, or `cycle` does not fit it.
        """
        upload = Upload.of_file(file)
        return self._import(resource, upload, wait, on_progress, options)

    def import_bytes(
        self,
        resource: str,
        content: bytes,
        *,
        file_name: str = "rows.csv",
        wait: bool = True,
        on_progress: OnProgress | None = None,
        **options: Unpack[ImportOptions],
    ) -> ImportJob:
        """Like `import_file`, for content in memory; the file name determines the format."""
        upload = Upload.of_bytes(content, file_name)
        return self._import(resource, upload, wait, on_progress, options)

    def _import(
        self,
        resource: str,
        upload: Upload,
        wait: bool,
        on_progress: OnProgress | None,
        options: ImportOptions,
    ) -> ImportJob:
        report = on_progress or ignore
        job = self.open_import(resource, upload, **options)
        report(job)
        job = self.send_file(job, upload, on_progress=report)
        return self.wait_for(job, on_progress=on_progress) if wait else job

    def find_import(self, import_id: str) -> ImportJob:
        """The import with this id, looked up in all services.

        Raises:
            Problem: no service has it.
        """
        *others, last = IMPORTING_SERVICES
        for service in others:
            try:
                return ImportJob.model_validate(self.get(f"{imports_at(service)}/{import_id}"))
            except Problem as problem:
                if problem.status != _NOT_FOUND:
                    raise
        return ImportJob.model_validate(self.get(f"{imports_at(last)}/{import_id}"))

    def wait_for(self, job: ImportJob, *, on_progress: OnProgress | None = None) -> ImportJob:
        """Wait until an import has ended. Returns its final state.

        Raises:
            ImportFailed: the import failed or was cancelled.
            Problem: the platform is unavailable for longer than the retry policy allows.
            Unreachable: the platform does not answer.
        """
        while not job.has_ended:
            if job.is_open:  # another client is uploading, which a long poll does not report
                self._connection.sleep(_SHOWN_EVERY)
            job = self.read_import(job, wait=_SHOWN_EVERY if on_progress else _MAX_WAIT)
            if on_progress:
                on_progress(job)
        if not job.is_completed:
            raise ImportFailed(job)
        return job

    def cancel(self, job: ImportJob) -> ImportJob:
        """Cancel an import; rows that `valid_rows` has stored by then stay.

        Raises:
            Problem: the import has ended.
        """
        return ImportJob.model_validate(self.post(f"{job.path}:cancel", repeatable=True))

    def commit(self, job: ImportJob) -> ImportJob:
        """Apply a completed dry run without sending the file again; then `wait_for` its end.

        Raises:
            Problem: the import is not a completed dry run.
        """
        return ImportJob.model_validate(self.post(f"{job.path}:commit", repeatable=True))

    def discard(self, job: ImportJob) -> None:
        """Delete the file, faults and results of an import that has ended, before they expire.

        Raises:
            Problem: it has not ended.
        """
        self.delete(f"{job.path}/content")

    def faults(self, job: ImportJob) -> Iterator[Fault]:
        """All faults: first those of the file as a whole, for instance its header, then by row.

        If there are very many, only the first are listed; `job.faults` counts all of them.

        Raises:
            Problem: the rows have expired, or this login may not see them.
        """
        if job.refusal:
            yield from job.refusal.faults
        yield from map(Fault.of_row, self.iterate(f"{job.path}/faults"))

    def count_faults(self, job: ImportJob) -> int:
        """The number of all faults, including those that are not listed."""
        of_file = len(job.refusal.faults) if job.refusal else 0
        return of_file + (job.faults.count or self.count(f"{job.path}/faults"))

    def failed_rows(self, job: ImportJob, file: Path) -> int:
        """Save the faulty rows, each with its faults. Returns the size of the file in bytes.

        The file has the format and the columns of the upload: once corrected, it can be imported
        without a `column_mapping`. If its name ends with `.xlsx`, it is a workbook whose faulty
        cells are coloured and say what is wrong.
        """
        is_workbook = file.suffix.lower() == ".xlsx"
        return self._save(f"{job.path}/failed-rows", file, format="xlsx" if is_workbook else None)

    def applied_rows(self, job: ImportJob, file: Path) -> int:
        """Save the applied rows, each with the id of its record. Returns the size in bytes."""
        return self._save(f"{job.path}/applied-rows", file)
