"""Exports of the fake platform, with delays and broken downloads."""

import hashlib
import json
from typing import Any

import httpx

from tests.client.fake import FakePlatform, answer, page, problem

Job = dict[str, Any]


class FakeExports:
    """The exports of one service.

    Attributes:
        jobs: jobs by id, in order of opening.
        content: content of every file.
        steps: changes of an export, one per read; an exception is raised instead.
        breaks: number of bytes after which each of the next downloads breaks off.
    """

    def __init__(self, platform: FakePlatform, service: str = "schools") -> None:
        self.path = f"/{service}/v1/exports"
        self.jobs: dict[str, Job] = {}
        self.content = b"a\n" * 5000
        self.steps: list[Job | BaseException] = [{"state": "running", "bytes": 10}, self.completed]
        self.breaks: list[int] = []
        self._platform = platform
        platform.on("POST", self.path, self._open)
        platform.on("GET", self.path, lambda _: page([*self.jobs.values()][::-1]))

    @property
    def completed(self) -> Job:
        """The final state of a successful export."""
        digest = hashlib.sha256(self.content).hexdigest()
        return {"state": "completed", "bytes": len(self.content), "rows": 5000, "sha256": digest}

    @property
    def ranges(self) -> list[str | None]:
        """The Range headers of the downloads."""
        sent = self._platform.sent("GET", f"{self.path}/{list(self.jobs)[-1]}/content")
        return [request.headers.get("Range") for request in sent]

    def _open(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        job: Job = {
            "id": f"e-{len(self.jobs) + 1}",
            "state": "queued",
            "bytes": 0,
            "file_name": f"{body['resource']}-20260105-0900.{body['format']}",
            "created_by": "li.na",
            "created_at": f"2026-01-05T09:00:0{len(self.jobs)}Z",
            "expires_at": "2026-01-12T09:00:00Z",
        } | {name: body[name] for name in ("resource", "format", "compress")}
        self.jobs[job["id"]] = job
        steps, path = list(self.steps), f"{self.path}/{job['id']}"
        self._platform.on("GET", path, lambda _: self._read(job, steps))
        self._platform.on("POST", f"{path}:cancel", lambda _: self._cancel(job))
        self._platform.on("GET", f"{path}/content", self._send)
        self._platform.on("DELETE", f"{path}/content", lambda _: self._discard(job))
        return answer(job, 202)

    def _read(self, job: Job, steps: list[Job | BaseException]) -> httpx.Response:
        if steps and job["state"] != "cancelled":
            step = steps.pop(0)
            if isinstance(step, BaseException):
                raise step
            job.update(step)
        return answer(job)

    def _cancel(self, job: Job) -> httpx.Response:
        if job["state"] not in ("queued", "running"):
            return problem(409, "export.ended")
        job["state"] = "cancelled"
        return answer(job, 202)

    def _discard(self, job: Job) -> httpx.Response:
        if job["state"] in ("queued", "running"):
            return problem(409, "export.not_ended")
        job["is_expired"] = True
        return httpx.Response(204)

    def _send(self, request: httpx.Request) -> httpx.Response:
        wanted = request.headers.get("Range", "bytes=0-")
        rest = self.content[int(wanted.removeprefix("bytes=").removesuffix("-")) :]
        ends = self.breaks.pop(0) if self.breaks else None
        return httpx.Response(206 if "Range" in request.headers else 200, stream=_Part(rest, ends))


class _Part(httpx.SyncByteStream):
    """A stream that may break off after some bytes."""

    def __init__(self, content: bytes, ends: int | None) -> None:
        self._content, self._ends = content, ends

    def __iter__(self) -> Any:
        yield self._content[: self._ends]
        if self._ends is not None:
            raise httpx.ReadError("gone")
