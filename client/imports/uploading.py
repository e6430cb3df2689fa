"""Opens an import and sends its file; both can be resumed after an interruption."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Unpack

from client.calls import as_json
from client.connection import Call
from client.downloads import Downloads
from client.imports.job import ImportJob
from client.imports.options import ImportOptions
from client.imports.upload import Upload
from client.problems import Problem, Unreachable
from client.resources import CYCLES, Resource, imported_resource

_ME = "/v1/me"
OnProgress = Callable[[ImportJob], None]

# Default values: giving them explicitly is the same import.
_DEFAULTS: ImportOptions = {
    "operation": "upsert",
    "mode": "all_or_nothing",
    "dry_run": False,
    "allow_shrink": False,
    "column_mapping": {},
    "value_mapping": {},
    "ignore_unknown_columns": False,
}
# The server has another length of the file: an earlier attempt may still be in progress.
_RETRY_CODES = frozenset({"import.upload_running", "import.range_invalid", "import.not_open"})


class ImportUploads(Downloads):
    """The first part of an import, until its file has arrived."""

    def open_import(
        self, resource: str, upload: Upload, **options: Unpack[ImportOptions]
    ) -> ImportJob:
        """Open an import, or find the unfinished one that the same call has opened before.

        The Idempotency-Key is derived from the file, the options and the last ended import of the
        same file by this login. A repeated call therefore finds its own import, and a call after
        its end opens a new one.

        Raises:
            Problem: the platform refuses the import.
            ValueError: the resource cannot be imported, or `cycle` does not fit it.
        """
        kind = imported_resource(resource)
        body = {
            "resource": resource,
            "file_name": upload.name,
            "size": upload.size,
            "sha256": upload.sha256,
            **_DEFAULTS,
            **self._with_ids(kind, options),
        }
        key = _key_of(body, self._last_ended(kind, upload))
        call = Call("POST", kind.imports, True, body=as_json(body), key=key)
        return ImportJob.model_validate(self._send(call))

    def _with_ids(self, kind: Resource, options: ImportOptions) -> Mapping[str, Any]:
        """The options for the API, with the year replaced by the id of its cycle."""
        year, given = options.get("cycle"), {**options}
        given.pop("cycle", None)
        if year is not None and not kind.is_of_cycle:
            raise ValueError(f"{kind.name} take no `cycle`: they do not belong to a year")
        if year is not None:
            given["within"] = {"cycle_id": self.get(f"{CYCLES}/by-key/{year}")["id"]}
        elif kind.is_of_cycle and "within" not in given:
            raise ValueError(f"{kind.name} belong to a year: give cycle=…")
        return given

    def _last_ended(self, kind: Resource, upload: Upload) -> str:
        states = ["completed", "failed", "cancelled"]
        found = self.get(
            kind.imports,
            created_by=self.get(_ME)["name"],
            resource=kind.name,
            sha256=upload.sha256,
            state=states,
            sort="-created_at",
            fields="id",
            limit=1,
        )
        return str(found["data"][0]["id"]) if found["data"] else ""

    def send_file(
        self, job: ImportJob, upload: Upload, *, on_progress: OnProgress | None = None
    ) -> ImportJob:
        """Send the file of an open import, or the rest of it thon the server does not have yet.

        Broken connections are retried within the limits of the retry policy, which start again
        whenever bytes have arrived. The import starts once the file is complete.

        Returns:
            The import. If its file was complete already, it may be running or have ended.

        Raises:
            FileChanged: the file has become shorter.
            Problem: the platform refuses the file, also if it is not the announced one.
            Unreachable: the platform does not answer.
        """
        report = on_progress or ignore
        backoff = self._connection.retry_policy.begin()
        while job.is_open:
            try:
                job = self._send_rest(job, upload, report)
            except (Problem, Unreachable) as failure:
                retry_after = failure.retry_after if isinstance(failure, Problem) else None
                again = _may_resume_after(failure) and backoff.wait(
                    retry_after, self._connection.sleep
                )
                if not again:
                    raise
                before, job = job.received, self.read_import(job)
                if job.received > before:
                    backoff = self._connection.retry_policy.begin()
            report(job)
        return job

    def _send_rest(self, job: ImportJob, upload: Upload, report: OnProgress) -> ImportJob:
        # A file that is complete on the server although the import is still open is sent again.
        offset = job.received if job.received < upload.size else 0

        def report_sent(size: int) -> None:
            report(job.model_copy(update={"received": size}))

        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(upload.size - offset),
        }
        if offset:
            headers["Content-Range"] = f"bytes {offset}-{upload.size - 1}/{upload.size}"
        path = f"{job.path}/content"
        call = Call(
            "PUT", path, False, headers, content=lambda: upload.read_from(offset, report_sent)
        )
        return ImportJob.model_validate(self._send(call))

    def read_import(self, job: ImportJob, *, wait: int = 0) -> ImportJob:
        """The current state of an import; waits up to `wait` seconds for its end."""
        return ImportJob.model_validate(self.get(job.path, wait=wait or None))


def _key_of(body: Mapping[str, Any], last_ended: str) -> str:
    request = json.dumps([body, last_ended], sort_keys=True)
    return hashlib.sha256(request.encode()).hexdigest()


def _may_resume_after(failure: Problem | Unreachable) -> bool:
    """Whether sending the rest of the file may succeed a little later."""
    if isinstance(failure, Unreachable):
        return True
    return failure.is_outage or failure.code in _RETRY_CODES


def ignore(_job: ImportJob) -> None:
    """Ignore the progress."""
