"""Imports of the fake platform, with broken uploads, faulty rows and delays."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from tests.client.fake import FakePlatform, answer, page, problem

STARTED = "2026-01-05T09:00:01+08:00"
ME = "li.na"
ENDED = "2026-01-05T09:00:03.500000+08:00"
Job = dict[str, Any]


def progress(**counts: int) -> dict[str, int]:
    """Row counts; omitted ones are zero."""
    names = ["bytes", "rows", "created", "updated", "unchanged", "failed", "unprocessed", "removed"]
    return dict.fromkeys(names, 0) | counts


def completed(**counts: int) -> Job:
    """The final state of a completed import."""
    return _ended("completed", counts)


def failed(code: str = "import.rows_failed", errors: Any = (), **counts: int) -> Job:
    """The final state of a failed import."""
    why = {"title": "Refused", "status": 422, "detail": "Because.", "code": code}
    return _ended("failed", counts) | {"problem": why | {"errors": list(errors)}}


def _ended(state: str, counts: Mapping[str, int]) -> Job:
    rate = {"rows_per_second": 1680.0, "started_at": STARTED, "finished_at": ENDED}
    return {"state": state, "progress": progress(**counts)} | rate


def fault(row: int, field: str = "id_number", code: str = "id_number.checksum") -> dict[str, Any]:
    """A fault of a row."""
    return {"row": row, "field": field, "code": code, "message": "Wrong", "params": {}}


class FakeImports:
    """The imports of one service.

    Attributes:
        jobs: jobs by id, in order of opening.
        contents: received bytes by id.
        steps: changes of an import with a complete file, one per read; an exception is raised
            instead.
        breaks: number of bytes after which each of the next uploads breaks off.
        refusals: answers to the next uploads, given without reading them.
        loses_answer: whether the answer to the next upload is lost.
        interrupts: whether the user presses Ctrl-C during uploads.
        faults: faults of every import.
        hides_faults: answer in place of the faults.
    """

    def __init__(self, platform: FakePlatform, service: str = "schools") -> None:
        self.path = f"/{service}/v1/imports"
        self.jobs: dict[str, Job] = {}
        self.contents: dict[str, bytes] = {}
        self.steps: list[Job | BaseException] = [completed(rows=3, created=3)]
        self.breaks: list[int] = []
        self.refusals: list[httpx.Response] = []
        self.loses_answer = self.interrupts = False
        self.faults: list[dict[str, Any]] = []
        self.hides_faults: httpx.Response | None = None
        self._keys: dict[str, str] = {}
        self._pending_steps: dict[str, list[Job | BaseException]] = {}
        self._platform = platform
        platform.on("POST", self.path, self._open)
        platform.on("GET", self.path, self._list)
        platform.on("GET", "/v1/me", answer({"name": ME}))

    @property
    def job(self) -> Job:
        """The import opened last."""
        return [*self.jobs.values()][-1]

    @property
    def uploads(self) -> list[httpx.Request]:
        """All requests with content."""
        return [one for one in self._platform.requests if one.url.path.endswith("/content")]

    def restart_steps(self) -> None:
        """Apply the present `steps` to the import opened last."""
        self._pending_steps[self.job["id"]] = list(self.steps)

    def _open(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["Idempotency-Key"]
        if key not in self._keys:
            job_id = f"{len(self.jobs) + 1:08}-0000-7000-8000-{self.path.count('a'):012}"
            self._keys[key] = job_id
            self.jobs[job_id] = self._new(job_id, json.loads(request.content))
            self.contents[job_id] = b""
            self._serve(f"{self.path}/{job_id}", job_id)
        return answer(self.jobs[self._keys[key]], 202)

    def _new(self, job_id: str, options: Job) -> Job:
        plain = {"operation": "upsert", "mode": "all_or_nothing", "dry_run": False}
        state = {"state": "open", "received": 0, "progress": progress(), "version": 1}
        created = {"created_by": ME, "created_at": "2026-01-05T09:00:00+08:00"}
        return {"id": job_id} | plain | state | created | {"format": "csv"} | options

    def _serve(self, path: str, job_id: str) -> None:
        platform = self._platform
        platform.on("GET", path, lambda _: self._read(job_id))
        platform.on("PUT", f"{path}/content", lambda request: self._receive(job_id, request))
        platform.on("POST", f"{path}:cancel", lambda _: self._cancel(job_id))
        platform.on("DELETE", f"{path}/content", lambda _: self._discard(job_id))
        platform.on("POST", f"{path}:commit", lambda _: self._commit(job_id))
        platform.on("GET", f"{path}/faults", lambda request: self._faults(request))
        platform.on("GET", f"{path}/failed-rows", httpx.Response(200, content=b"failed\n"))
        platform.on("GET", f"{path}/applied-rows", httpx.Response(200, content=b"applied\n"))

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        found = [
            job
            for job in reversed(self.jobs.values())
            if all(
                job.get(name) in asked.get_list(name)
                for name in ("sha256", "state", "resource", "created_by")
                if name in asked
            )
        ]
        return page(found[: int(asked["limit"])])

    def _receive(self, job_id: str, request: httpx.Request) -> httpx.Response:
        job = self.jobs[job_id]
        if self.interrupts:
            raise KeyboardInterrupt
        if self.refusals:
            return self.refusals.pop(0)
        if job["state"] != "open":
            return problem(409, "import.not_open")
        content, span = request.content, request.headers.get("Content-Range")
        assert len(content) == int(request.headers["Content-Length"])
        first = 0
        if span:
            found = re.fullmatch(rf"bytes (\d+)-(\d+)/{job['size']}", span)
            assert found is not None
            first, last = int(found[1]), int(found[2])
            assert last - first + 1 == len(content)
        if first not in (0, job["received"]):
            return problem(416, "import.range_invalid")
        cut = self.breaks.pop(0) if self.breaks else None
        self.contents[job_id] = self.contents[job_id][:first] + content[:cut]
        job["received"] = len(self.contents[job_id])
        if cut is not None:
            raise httpx.WriteError("connection reset")
        if hashlib.sha256(self.contents[job_id]).hexdigest() != job["sha256"]:
            return problem(422, "import.file_differs")
        self._queue(job_id)
        if self.loses_answer:
            self.loses_answer = False
            raise httpx.ReadError("connection reset")
        return answer(job, 202)

    def _queue(self, job_id: str) -> None:
        self.jobs[job_id]["state"] = "queued"
        self._pending_steps[job_id] = list(self.steps)

    def _read(self, job_id: str) -> httpx.Response:
        if self._pending_steps.get(job_id):
            step = self._pending_steps[job_id].pop(0)
            if isinstance(step, BaseException):
                raise step
            self.jobs[job_id] |= step
        return answer(self.jobs[job_id])

    def _cancel(self, job_id: str) -> httpx.Response:
        job = self.jobs[job_id]
        if job["state"] in ("completed", "failed", "cancelled"):
            return problem(409, "import.ended")
        job["state"] = "cancelled"
        return answer(job, 202)

    def _discard(self, job_id: str) -> httpx.Response:
        if self.jobs[job_id]["state"] not in ("completed", "failed", "cancelled"):
            return problem(409, "import.not_ended")
        self.jobs[job_id]["is_expired"] = True
        return httpx.Response(204)

    def _commit(self, job_id: str) -> httpx.Response:
        job = self.jobs[job_id]
        if not (job["dry_run"] and job["state"] == "completed"):
            return problem(409, "import.not_committable")
        job["dry_run"] = False
        self._queue(job_id)
        return answer(job, 202)

    def _faults(self, request: httpx.Request) -> httpx.Response:
        if self.hides_faults:
            return self.hides_faults
        limit = int(request.url.params["limit"])
        rows = {"data": self.faults[:limit], "next_cursor": None, "total": len(self.faults)}
        return answer(rows)
