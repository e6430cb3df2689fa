"""Opens an import and sends its file, so that whatever interrupts it can be taken up again."""

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
from client.resources import CYCLES, Resource, resource_of

_ME = "/v1/me"
OnProgress = Callable[[ImportJob], None]

# Said or not, it is the same import.
_USUAL: ImportOptions = {
    "operation": "upsert",
    "mode": "all_or_nothing",
    "dry_run": False,
    "allow_shrink": False,
    "column_mapping": {},
}
# Where the file ends at the server is not what it was: another try may still be on its way.
_LOOK_AGAIN = frozenset({"import.upload_running", "import.range_invalid", "import.not_open"})


class Opening(Downloads):
    """The first half of an import, until its file has arrived."""

    def open_import(
        self, resource: str, upload: Upload, **options: Unpack[ImportOptions]
    ) -> ImportJob:
        """Open an import, or find the one that this very call has opened and that has not ended.

        Its Idempotency-Key names file, options, and this login's last import of the file that has
        ended.
        So a call repeated after whatever interruption finds its own import; once that has ended,
        the next call is a new one.

        Raises:
            Problem: the platform refuses it.
            ValueError: the resource cannot be imported, or `cycle` does not fit it.
        """
        kind = resource_of(resource)
        body = {
            "resource": resource,
            "file_name": upload.name,
            "size": upload.size,
            "sha256": upload.sha256,
            **_USUAL,
            **self._with_ids(kind, options),
        }
        key = _key_of(body, self._last_ended(kind, upload))
        call = Call("POST", kind.imports, True, body=as_json(body), key=key)
        return ImportJob.model_validate(self._send(call))

    def _with_ids(self, kind: Resource, options: ImportOptions) -> Mapping[str, Any]:
        """The options as the platform knows them: a year by its id."""
        year, given = options.get("cycle"), {**options}
        given.pop("cycle", None)
        if year is not None and not kind.is_of_cycle:
            raise ValueError(f"{kind.name} belong to no year")
        if year is not None:
            given["within"] = {"cycle_id": self.get(f"{CYCLES}/by-key/{year}")["id"]}
        elif kind.is_of_cycle and "within" not in given:
            raise ValueError(f"{kind.name} belong to a year: cycle=…")
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
        """Send the file of an open import, from where it ends at the server.

        A broken connection is waited for, as long as patience lasts; with each piece that has
        arrived it begins anew. The import begins when the file is whole.

        Returns:
            The import; it may have been sent to its end before, and be at work or over already.

        Raises:
            FileChanged: the file has become shorter.
            Problem: the platform refuses it, also because it is not the file that was announced.
            Unreachable: the platform does not answer.
        """
        told = on_progress or ignore
        trial = self._connection.patience.begin()
        while job.is_open:
            try:
                job = self._send_rest(job, upload, told)
            except (Problem, Unreachable) as failure:
                asked_for = failure.retry_after if isinstance(failure, Problem) else None
                again = _goes_on_after(failure) and trial.wait(asked_for, self._connection.sleep)
                if not again:
                    raise
                before, job = job.received, self.read_import(job)
                if job.received > before:
                    trial = self._connection.patience.begin()
            told(job)
        return job

    def _send_rest(self, job: ImportJob, upload: Upload, told: OnProgress) -> ImportJob:
        # A file that is there as a whole, and still waited for, has to be sent once more.
        offset = job.received if job.received < upload.size else 0

        def arrived(size: int) -> None:
            told(job.model_copy(update={"received": size}))

        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(upload.size - offset),
        }
        if offset:
            headers["Content-Range"] = f"bytes {offset}-{upload.size - 1}/{upload.size}"
        path = f"{job.path}/content"
        call = Call("PUT", path, False, headers, content=lambda: upload.read_from(offset, arrived))
        return ImportJob.model_validate(self._send(call))

    def read_import(self, job: ImportJob, *, wait: int = 0) -> ImportJob:
        """The import as it is now, or at its end if that comes within `wait` seconds."""
        return ImportJob.model_validate(self.get(job.path, wait=wait or None))


def _key_of(body: Mapping[str, Any], last_ended: str) -> str:
    request = json.dumps([body, last_ended], sort_keys=True)
    return hashlib.sha256(request.encode()).hexdigest()


def _goes_on_after(failure: Problem | Unreachable) -> bool:
    """Whether the rest of a file may be taken all the same, a little later."""
    if isinstance(failure, Unreachable):
        return True
    return failure.is_outage or failure.code in _LOOK_AGAIN


def ignore(_job: ImportJob) -> None:
    """Nobody watches."""
