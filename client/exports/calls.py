"""Export jobs: the platform writes a file, which is downloaded once complete."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from client.connection import Call
from client.downloads import AS_IT_IS, Downloads, Form, complete
from client.exports.job import ExportFailed, ExportJob, FileDamaged
from client.problems import Problem, Unreachable
from client.resources import SERVICES, exported_resource, exports_at

# Called repeatedly with the state of the export and the number of bytes downloaded.
OnExport = Callable[[ExportJob, int], None]
_NOT_FOUND = 404
_MAX_WAIT, _SHOWN_EVERY = 30, 1


class Exports(Downloads):
    """Export jobs, which run on the platform independently of this client."""

    def open_export(
        self,
        resource: str,
        *,
        cycle_id: str | None = None,
        form: Form = "csv",
        gzip: bool = False,
        bom: bool = False,
        query: Mapping[str, Any] | None = None,
    ) -> ExportJob:
        """Start a job that writes every row of a list into a file.

        Args:
            resource: resource of the list (`staff`).
            cycle_id: id of the cycle, for resources that belong to one.
            form: format, `csv`, `ndjson` or `xlsx`.
            gzip: whether the file is compressed.
            bom: whether CSV begins with a byte order mark, for Excel.
            query: `sort`, `fields` and the list's filters; several values of a filter are
                alternatives.

        Raises:
            Problem: the platform refuses the export.
            ValueError: the resource cannot be exported.
        """
        service = exported_resource(resource).service
        body = {
            "resource": resource,
            "within": {"cycle_id": cycle_id} if cycle_id else {},
            "query": {name: value for name, value in (query or {}).items() if value is not None},
            "format": form,
            "compress": "gzip" if gzip else "none",
            "bom": bom,
        }
        return _job(service, self.post(exports_at(service), body, repeatable=True))

    def read_export(self, job: ExportJob, *, wait: int = 0) -> ExportJob:
        """The current state of an export; waits up to `wait` seconds for its end."""
        return _job(job.service, self.get(job.path, wait=wait or None))

    def find_export(self, export_id: str) -> ExportJob:
        """The export with this id, looked up in all services.

        Raises:
            Problem: no service has it.
        """
        *others, last = SERVICES
        for service in others:
            try:
                return _job(service, self.get(f"{exports_at(service)}/{export_id}"))
            except Problem as problem:
                if problem.status != _NOT_FOUND:
                    raise
        return _job(last, self.get(f"{exports_at(last)}/{export_id}"))

    def latest_exports(self, limit: int) -> list[ExportJob]:
        """The latest exports of this login in all services, newest first."""
        found = [job for service in SERVICES for job in self._latest(service, limit)]
        return sorted(found, key=lambda job: job.created_at, reverse=True)[:limit]

    def _latest(self, service: str, limit: int) -> Iterator[ExportJob]:
        page = self.get(exports_at(service), sort="-created_at", limit=limit)
        return (_job(service, row) for row in page["data"])

    def cancel_export(self, job: ExportJob) -> ExportJob:
        """Cancel an export.

        Raises:
            Problem: the export has ended.
        """
        return _job(job.service, self.post(f"{job.path}:cancel", repeatable=True))

    def discard_export(self, job: ExportJob) -> None:
        """Delete the file of an export that has ended, before it expires.

        Raises:
            Problem: it has not ended.
        """
        self.delete(f"{job.path}/content")

    def wait_for_export(self, job: ExportJob, *, on_progress: OnExport | None = None) -> ExportJob:
        """Wait until an export is complete.

        Raises:
            ExportFailed: the export failed or was cancelled.
            Problem: the platform is unavailable for longer than the retry policy allows.
            Unreachable: the platform does not answer.
        """
        while not job.has_ended:
            job = self.read_export(job, wait=_SHOWN_EVERY if on_progress else _MAX_WAIT)
            if on_progress:
                on_progress(job, 0)
        if not job.is_completed:
            raise ExportFailed(job)
        return job

    def fetch_export(
        self, job: ExportJob, file: Path, *, on_progress: OnExport | None = None
    ) -> int:
        """Save the file of a completed export. Returns its size in bytes.

        A broken download is resumed within the limits of the retry policy, which start again
        whenever bytes have arrived. The file gets its name once it is complete.

        Raises:
            FileDamaged: the file differs from the one the platform has written.
            Problem: there is no file, or it has expired.
            Unreachable: the platform does not answer.
        """
        with complete(file) as output:
            return self._download(job, output, on_progress or _ignore)

    def _download(self, job: ExportJob, output: BinaryIO, report: OnExport) -> int:
        arrived, digest = 0, hashlib.sha256()
        backoff = self._connection.retry_policy.begin()
        while arrived < job.bytes:
            before = arrived
            try:
                for chunk in self._stream_from(job, arrived):
                    arrived += output.write(chunk)
                    digest.update(chunk)
                    report(job, arrived)
            except (Problem, Unreachable) as failure:
                if isinstance(failure, Problem) and not failure.is_outage:
                    raise
                if arrived > before:
                    backoff = self._connection.retry_policy.begin()
                if not backoff.wait(None, self._connection.sleep):
                    raise
        if digest.hexdigest() != job.sha256:
            raise FileDamaged(f"{job.file_name} was damaged in transit")
        return arrived

    def _stream_from(self, job: ExportJob, first: int) -> Iterator[bytes]:
        headers: Mapping[str, str] = AS_IT_IS
        if first:
            headers = {**AS_IT_IS, "Range": f"bytes={first}-"}
        with self._stream(Call("GET", f"{job.path}/content", False, headers)) as response:
            yield from response.iter_raw()


def _job(service: str, answer: Any) -> ExportJob:
    return ExportJob.model_validate({**answer, "service": service})


def _ignore(_job: ExportJob, _arrived: int) -> None:
    """Ignore the progress."""
