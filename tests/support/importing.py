"""Files sent to a service as imports, and what becomes of them."""

import csv
import io
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from services.chassis.exports.jobs import EXPORT_JOBS
from services.chassis.imports.engine.jobs import IMPORT_JOBS
from services.chassis.queue.jobs import Jobs

Job = dict[str, Any]


def file_jobs() -> Jobs:
    """The jobs that carry imports and exports out, and no others of the service."""
    return Jobs.joined([IMPORT_JOBS, EXPORT_JOBS])


async def send(
    client: httpx.AsyncClient,
    headers: Mapping[str, str],
    resource: str,
    content: bytes | str,
    *,
    file_name: str = "rows.csv",
    **options: Any,
) -> Job:
    """Import a file and wait for the end."""
    opened = await open_import(client, headers, resource, file_name=file_name, **options)
    assert opened.status_code == 202, opened.text
    return await upload(client, headers, opened.json(), content)


async def open_import(
    client: httpx.AsyncClient, headers: Mapping[str, str], resource: str, **options: Any
) -> httpx.Response:
    """Open an import without its file."""
    return await client.post(
        "/v1/imports",
        headers={**headers, "Idempotency-Key": uuid4().hex},
        json={"resource": resource, **options},
    )


async def upload(
    client: httpx.AsyncClient, headers: Mapping[str, str], job: Job, content: bytes | str
) -> Job:
    """Send the file of an open import and wait for the end."""
    body = content.encode() if isinstance(content, str) else content
    path = f"/v1/imports/{job['id']}"
    sent = await client.put(f"{path}/content", headers=headers, content=body)
    assert sent.status_code == 202, sent.text
    return await ended(client, headers, path)


class Outcome(NamedTuple):
    """What has become of a file.

    Attributes:
        code: why nothing came of it, told at once or later; None when it was imported.
        detail: the same in words.
        counts: created, updated, unchanged, failed.
        faults: row, field and code of each.
    """

    code: str | None
    detail: str | None
    counts: tuple[int, int, int, int]
    faults: list[tuple[int, str, str]]


async def attempt(
    client: httpx.AsyncClient,
    headers: Mapping[str, str],
    resource: str,
    content: bytes | str,
    **options: Any,
) -> Outcome:
    """Try to import a file, which may be refused before it is sent."""
    opened = await open_import(client, headers, resource, **options)
    if opened.status_code != 202:
        problem = opened.json()
        return Outcome(problem["code"], problem["detail"], (0, 0, 0, 0), [])
    job = await upload(client, headers, opened.json(), content)
    problem = job["problem"] or {"code": None, "detail": None}
    found = await faults(client, headers, job)
    return Outcome(problem["code"], problem["detail"], counts(job), found)


async def ended(client: httpx.AsyncClient, headers: Mapping[str, str], path: str) -> Job:
    """The import, once it has ended."""
    while True:
        answer = await client.get(path, params={"wait": 20}, headers=headers)
        assert answer.status_code == 200, answer.text
        job: Job = answer.json()
        if job["state"] in ("completed", "failed", "cancelled"):
            return job


async def faults(
    client: httpx.AsyncClient, headers: Mapping[str, str], job: Job
) -> list[tuple[int, str, str]]:
    """Row, field and code of every fault of an import."""
    path = f"/v1/imports/{job['id']}/faults"
    answer = await client.get(path, params={"limit": 1000}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(fault["row"], fault["field"], fault["code"]) for fault in answer.json()["data"]]


def counts(job: Job) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, failed."""
    progress = job["progress"]
    return tuple(progress[name] for name in ("created", "updated", "unchanged", "failed"))


def table(content: bytes | str) -> list[list[str]]:
    """The cells of a CSV file."""
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    return list(csv.reader(io.StringIO(text)))
