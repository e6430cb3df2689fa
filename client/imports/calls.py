"""The calls of an import: send a file, wait, and see what has become of its rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

from client.imports.job import ImportFailed, ImportJob
from client.imports.opening import OnProgress, ignore
from client.imports.options import ImportOptions
from client.imports.previewing import Previewing
from client.imports.upload import Upload
from client.problems import Fault, Problem
from client.resources import IMPORTING_SERVICES, imports_at

_NOT_FOUND = 404
_MOST_WAIT = 30
_SHOWN_EVERY = 1


class Imports(Previewing):
    """Imports of files.

    Every call may be repeated, which the client does by itself: an import that is opened once
    more with the same file and options is the same import until it has ended.
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
        """Import a file; CSV, NDJSON or XLSX, also compressed with gzip.

        Begun again after it was interrupted, it goes on with the import that it had opened: with
        the upload from where it broke off, or with waiting.

        Args:
            resource: what its rows are (`staff`).
            file: the file.
            wait: whether to wait for the end; without, it goes on at the server.
            on_progress: told of the import again and again.
            options: see `ImportOptions`.

        Returns:
            The import; when it was waited for, it is completed. `progress` counts the rows: with
            `mode="valid_rows"` and in a dry run, some may have failed (see `faults`).

        Raises:
            ImportFailed: nothing was imported: `faults(failure.job)` says why. With `valid_rows`
                it may have been called off in the middle; then `progress` counts what is stored.
            Problem: the platform refuses to begin it.
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
        """As `import_file`, for a file that is in memory; the name tells its format."""
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
        told = on_progress or ignore
        job = self.open_import(resource, upload, **options)
        told(job)
        job = self.send_file(job, upload, on_progress=told)
        return self.wait_for(job, on_progress=on_progress) if wait else job

    def find_import(self, import_id: str) -> ImportJob:
        """The import with this id, at whatever service it is.

        Raises:
            Problem: there is none.
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
        """Wait until an import has ended, and give it as it is then.

        Raises:
            ImportFailed: it was not completed.
            Problem: the platform is away for longer than patience lasts.
            Unreachable: the platform does not answer.
        """
        while not job.has_ended:
            if job.is_open:  # somebody else sends its file: of that, nobody tells by waiting
                self._connection.sleep(_SHOWN_EVERY)
            job = self.read_import(job, wait=_SHOWN_EVERY if on_progress else _MOST_WAIT)
            if on_progress:
                on_progress(job)
        if not job.is_completed:
            raise ImportFailed(job)
        return job

    def cancel(self, job: ImportJob) -> ImportJob:
        """Call an import off; what `valid_rows` has stored by then stays.

        Raises:
            Problem: it has ended.
        """
        return ImportJob.model_validate(self.post(f"{job.path}:cancel", repeatable=True))

    def commit(self, job: ImportJob) -> ImportJob:
        """Apply a completed dry run, without sending the file again; then `wait_for` its end.

        Raises:
            Problem: it is none.
        """
        return ImportJob.model_validate(self.post(f"{job.path}:commit", repeatable=True))

    def discard(self, job: ImportJob) -> None:
        """Remove the file, faults and results of an import that has ended, before they expire.

        Raises:
            Problem: it has not ended.
        """
        self.delete(f"{job.path}/content")

    def faults(self, job: ImportJob) -> Iterator[Fault]:
        """What is wrong with a file: first as a whole, its header for instance, then by row.

        Of very many faults the first ones; `job.faults` counts all of them.

        Raises:
            Problem: the rows have expired, or are not for this login.
        """
        if job.refusal:
            yield from job.refusal.faults
        yield from map(Fault.of_row, self.iterate(f"{job.path}/faults"))

    def count_faults(self, job: ImportJob) -> int:
        """How many faults there are, those too that are not listed."""
        of_file = len(job.refusal.faults) if job.refusal else 0
        return of_file + (job.faults.count or self.count(f"{job.path}/faults"))

    def failed_rows(self, job: ImportJob, file: Path) -> int:
        """Save the faulty rows, each with what is wrong with it; returns the size of the file.

        It is in the format of the upload and has its columns: corrected, it can be imported,
        without a `column_mapping`.
        """
        return self._save(f"{job.path}/failed-rows", file)

    def applied_rows(self, job: ImportJob, file: Path) -> int:
        """Save the rows that are stored as the file has them, each with the id of its record."""
        return self._save(f"{job.path}/applied-rows", file)
