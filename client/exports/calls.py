"""Exports as jobs: the platform writes a file, which is fetched when it is complete."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from client.connection import Call
from client.downloads import AS_IT_IS, Downloads, Form, complete
from client.exports.job import ExportFailed, ExportJob, FileDamaged
from client.problems import Problem, Unreachable
from client.resources import SERVICES, exports_at, list_of

# Told of an export again and again, and how many bytes of its file have arrived.
OnExport = Callable[[ExportJob, int], None]
_NOT_FOUND = 404
_MOST_WAIT, _SHOWN_EVERY = 30, 1


class Exports(Downloads):
    """Exports that go on at the platform, whoever watches."""

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
        """Have every row of a list written into a file.

        Args:
            resource: the list (`staff`).
            cycle_id: the year, for lists that belong to one.
            form: `csv`, `ndjson` or `xlsx`.
            gzip: whether the file is compressed.
            bom: whether CSV begins with a byte order mark, for Excel.
            query: `sort`, `fields` and the list's filters; a list of values means "one of".

        Raises:
            Problem: the platform refuses it.
            ValueError: there is no such list.
        """
        service = list_of(resource).service
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
        """The export as it is now, or at its end if that comes within `wait` seconds."""
        return _job(job.service, self.get(job.path, wait=wait or None))

    def find_export(self, export_id: str) -> ExportJob:
        """The export with this id, at whatever service it is.

        Raises:
            Problem: there is none.
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
        """The latest exports of this login at all services, newest first."""
        found = [job for service in SERVICES for job in self._latest(service, limit)]
        return sorted(found, key=lambda job: job.created_at, reverse=True)[:limit]

    def _latest(self, service: str, limit: int) -> Iterator[ExportJob]:
        page = self.get(exports_at(service), sort="-created_at", limit=limit)
        return (_job(service, row) for row in page["data"])

    def cancel_export(self, job: ExportJob) -> ExportJob:
        """Call an export off.

        Raises:
            Problem: it has ended.
        """
        return _job(job.service, self.post(f"{job.path}:cancel", repeatable=True))

    def discard_export(self, job: ExportJob) -> None:
        """Remove the file of an export that has ended, before it expires.

        Raises:
            Problem: it has not ended.
        """
        self.delete(f"{job.path}/content")

    def wait_for_export(self, job: ExportJob, *, on_progress: OnExport | None = None) -> ExportJob:
        """Wait until an export is complete.

        Raises:
            ExportFailed: it has ended without a file.
            Problem: the platform is away for longer than patience lasts.
            Unreachable: the platform does not answer.
        """
        while not job.has_ended:
            job = self.read_export(job, wait=_SHOWN_EVERY if on_progress else _MOST_WAIT)
            if on_progress:
                on_progress(job, 0)
        if not job.is_completed:
            raise ExportFailed(job)
        return job

    def fetch_export(
        self, job: ExportJob, file: Path, *, on_progress: OnExport | None = None
    ) -> int:
        """Save the file of a completed export; returns its size.

        After a broken connection it goes on where that broke off, as long as patience lasts; with
        each piece that has arrived it begins anew. The file appears when it is complete.

        Raises:
            FileDamaged: it is not what the platform has written.
            Problem: there is no file, or not any more.
            Unreachable: the platform does not answer.
        """
        with complete(file) as output:
            return self._fetch(job, output, on_progress or _nobody)

    def _fetch(self, job: ExportJob, output: BinaryIO, told: OnExport) -> int:
        arrived, digest = 0, hashlib.sha256()
        trial = self._connection.patience.begin()
        while arrived < job.bytes:
            before = arrived
            try:
                for chunk in self._rest(job, arrived):
                    arrived += output.write(chunk)
                    digest.update(chunk)
                    told(job, arrived)
            except (Problem, Unreachable) as failure:
                if isinstance(failure, Problem) and not failure.is_outage:
                    raise
                if arrived > before:
                    trial = self._connection.patience.begin()
                if not trial.wait(None, self._connection.sleep):
                    raise
        if digest.hexdigest() != job.sha256:
            raise FileDamaged(f"{job.file_name} has not arrived as it was written")
        return arrived

    def _rest(self, job: ExportJob, first: int) -> Iterator[bytes]:
        headers: Mapping[str, str] = AS_IT_IS
        if first:
            headers = {**AS_IT_IS, "Range": f"bytes={first}-"}
        with self._stream(Call("GET", f"{job.path}/content", False, headers)) as response:
            yield from response.iter_raw()


def _job(service: str, answer: Any) -> ExportJob:
    return ExportJob.model_validate({**answer, "service": service})


def _nobody(_job: ExportJob, _arrived: int) -> None:
    """Nobody watches."""
