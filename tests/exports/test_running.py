import asyncio
import errno
import hashlib
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import BaseModel
from xlsxwriter.xmlwriter import XMLwriter

from services.chassis.database.db import Database
from services.chassis.exports.content import Content
from services.chassis.exports.exports import Exports
from services.chassis.exports.jobs import EXPORT_JOBS
from services.chassis.exports.kind import EXPORTS
from services.chassis.exports.runner import ExportRun
from services.chassis.exports.spec import Exportable
from services.chassis.files.encrypted_files import Writer
from services.chassis.files.workbook import TooManyRows
from services.chassis.lists.listing import Listing
from services.chassis.queue.jobs import JobContext
from services.schools.main import app
from tests.schools.county import County
from tests.support.exporting import Job, begin, content, ended
from tests.support.tokens import bearer


class Number(BaseModel):
    """A row of the slow list."""

    n: int


def slow_list(seconds: float) -> Listing:
    """A list that takes a while to read."""
    rows = f"select n from generate_series(1, 50) n where pg_sleep({seconds / 50}) is not null"
    return Listing("slow", Number, f"({rows}) s", lambda *_: None, sorts=("n",), key="n")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service export a list that takes two seconds to read."""
    known: dict[str, Any] = app.state.resources[Exports]._exportables
    monkeypatch.setitem(known, "slow", Exportable(slow_list(2), "staff:read"))


async def until(county: County, headers: dict[str, str], job: Job, state: str) -> None:
    """Poll until an export is in a state."""
    async with asyncio.timeout(30):
        while job["state"] != state:
            await asyncio.sleep(0.02)
            job = (await county.client.get(f"/v1/exports/{job['id']}", headers=headers)).json()


@pytest.mark.usefixtures("slow")
async def test_a_running_export_is_called_off(county: County, data_dir: Path) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    await until(county, headers, job, "running")
    early = await content(county.client, headers, job)
    assert (early.status_code, early.json()["code"]) == (409, "export.not_completed")
    answer = await county.call("POST", f"/v1/exports/{job['id']}:cancel")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    job = await ended(county.client, headers, job)
    assert (job["state"], job["problem"], job["rows"]) == ("cancelled", None, None)
    assert job["finished_at"] > job["started_at"]
    assert list((data_dir / "exports").glob(f"{job['id']}.*")) == []
    again = await county.call("POST", f"/v1/exports/{job['id']}:cancel")
    assert (again.status_code, again.json()["code"]) == (409, "export.ended")


@pytest.mark.usefixtures("slow")
async def test_a_few_run_at_a_time_and_what_waits_can_be_called_off(county: County) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    jobs = [(await begin(county.client, headers, "slow")).json() for _ in range(5)]
    await until(county, headers, jobs[2], "running")
    await asyncio.sleep(0.2)
    page = await county.ok("GET", "/v1/exports?state=running")
    assert len(page["data"]) == 3
    waiting = (await county.ok("GET", "/v1/exports?state=queued"))["data"]
    answer = await county.ok("POST", f"/v1/exports/{waiting[0]['id']}:cancel")
    assert (answer["state"], answer["started_at"]) == ("cancelled", None)
    states = [(await ended(county.client, headers, job))["state"] for job in jobs]
    assert sorted(states) == ["cancelled", *["completed"] * 4]


@pytest.mark.usefixtures("slow")
async def test_an_account_has_so_many_unfinished_at_a_time(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(EXPORTS), "most_unfinished", 2)
    headers = bearer("bureau_admin", bureau=county.bureau)
    first = await begin(county.client, headers | {"Idempotency-Key": "first"}, "slow")
    second = await begin(county.client, headers, "slow")
    refused = await begin(county.client, headers, "slow")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.json()["code"] == "export.too_many_waiting"
    assert len((await county.ok("GET", "/v1/exports"))["data"]) == 2

    again = await begin(county.client, headers | {"Idempotency-Key": "first"}, "slow")
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    colleague = bearer("bureau_admin", bureau=county.bureau, name="colleague")
    theirs = await begin(county.client, colleague, "slow")
    assert theirs.status_code == 202

    await county.ok("POST", f"/v1/exports/{second.json()['id']}:cancel")
    await ended(county.client, headers, second.json())
    third = await begin(county.client, headers, "slow")
    assert third.status_code == 202
    for who, job in ((headers, first), (headers, third), (colleague, theirs)):
        assert (await ended(county.client, who, job.json()))["state"] == "completed"


@pytest.mark.usefixtures("slow")
async def test_waiting_ends_in_time_or_with_the_export(county: County) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    path = f"/v1/exports/{job['id']}"
    early = await county.client.get(path, params={"wait": 1}, headers=headers)
    assert (early.json()["state"], early.headers["retry-after"]) == ("running", "1")
    late = await county.client.get(path, params={"wait": 60}, headers=headers)
    assert (late.json()["state"], late.json()["rows"]) == ("completed", 50)
    assert "retry-after" not in late.headers


def test_the_limit_is_told_to_the_queue() -> None:
    assert EXPORT_JOBS.at_once == {EXPORTS.run_job: 3}


@pytest.mark.usefixtures("slow")
async def test_called_off_at_the_last_moment_it_is_not_completed(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExportRun, "shown_every", 60)  # it does not look before its end
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    await until(county, headers, job, "running")
    await county.ok("POST", f"/v1/exports/{job['id']}:cancel")
    job = await ended(county.client, headers, job)
    assert (job["state"], job["rows"], job["sha256"]) == ("cancelled", None, None)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
async def test_a_full_disk_is_told_and_waited_out(
    county: County, data_dir: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    headers = bearer("bureau_admin", bureau=county.bureau)
    with monkeypatch.context() as full:
        what = Writer if format_ == "csv" else XMLwriter
        full.setattr(what, "write" if format_ == "csv" else "_xml_declaration", refuse)
        job: Job = (await begin(county.client, headers, "schools", format=format_)).json()
        async with asyncio.timeout(30):
            while job["waits_for"] is None:
                await asyncio.sleep(0.02)
                job = await county.ok("GET", f"/v1/exports/{job['id']}")
        assert (job["state"], job["waits_for"]) == ("queued", "platform.storage_full")
        assert (job["problem"], job["bytes"]) == (None, 0)
        assert list((data_dir / "exports").glob(f"{job['id']}.*")) == [], "it takes no room"
        streamed = await county.call("GET", "/v1/schools?format=xlsx")
        if format_ == "xlsx":
            assert (streamed.status_code, streamed.json()["code"]) == (507, "platform.storage_full")
    job = await ended(county.client, headers, job)
    assert (job["state"], job["waits_for"]) == ("completed", None)


async def test_an_export_that_waits_for_room_is_called_off_at_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Writer, "write", refuse)
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "schools")).json()
    async with asyncio.timeout(30):
        while job["waits_for"] is None:
            await asyncio.sleep(0.02)
            job = await county.ok("GET", f"/v1/exports/{job['id']}")
    job = await county.ok("POST", f"/v1/exports/{job['id']}:cancel")
    assert (job["state"], job["waits_for"]) == ("cancelled", None)


@pytest.mark.usefixtures("slow")
async def test_who_has_lost_an_export_to_another_run_leaves_its_file_alone(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run believed dead goes on, and fails, while its successor works."""
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    await until(county, headers, job, "running")
    # The queue gives a job whose worker is silent to another one.
    sql = "select worker_job_id from schools.export_job where id = $1"
    resources = app.state.resources
    carrier = await admin.fetchval(sql, job["id"])
    context = JobContext(resources[Database], resources, 0, carrier)
    run_export = EXPORT_JOBS.handlers[EXPORTS.run_job]
    first, write = asyncio.Event(), ExportRun._write

    async def fail_late(self: ExportRun, content: Content) -> str:
        if not first.is_set():
            first.set()
            await asyncio.sleep(0.3)
            raise TooManyRows
        return await write(self, content)

    monkeypatch.setattr(ExportRun, "_write", fail_late)
    late = asyncio.ensure_future(run_export(context, {"export": job["id"]}))
    await first.wait()
    await run_export(context, {"export": job["id"]})
    await asyncio.wait({late})
    job = await ended(county.client, headers, job)
    assert (job["state"], job["rows"]) == ("completed", 50)
    file = await content(county.client, headers, job)
    assert hashlib.sha256(file.content).hexdigest() == job["sha256"]
    assert len(list((data_dir / "exports").glob(f"{job['id']}.*"))) == 1
