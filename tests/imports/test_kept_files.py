"""What is kept of imports on disk: until it expires, and when somebody else has removed it."""

import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.chassis.imports.engine.imports import Imports
from services.chassis.operations.cleanup import clear_operations
from services.chassis.operations.discarding import remove_files
from services.schools.main import app
from tests.imports.driving import Hold, begun, cut_small, end_of, opened, people, put, read
from tests.schools.county import County
from tests.support.importing import Job, counts

DOWNLOADS = ("failed-rows", "applied-rows", "faults")


async def expire(admin: Any, job: Job) -> None:
    """Let the time of an import's files come, and have them cleared away."""
    await admin.execute(
        "update schools.import_job set expires_at = now() - interval '1 minute' where id = $1",
        job["id"],
    )
    await clear_operations(app.state.resources[Imports])


async def test_what_has_expired_is_gone_and_still_listed(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", folder: Path
) -> None:
    content = people(county, 5).decode().encode("gb18030") + b"T9,,,,,\r\n"
    job = await county.load("staff", content, mode="valid_rows")
    assert {path.suffix for path in folder.glob(f"{job['id']}.*")} >= {".upload", ".rows"}
    await expire(admin, job)
    assert list(folder.glob(f"{job['id']}.*")) == []
    for what in DOWNLOADS:
        answer = await county.call("GET", f"/v1/imports/{job['id']}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (410, "import.expired")
    found = await read(county, job)
    assert (found["state"], found["is_expired"], counts(found)) == (
        "completed", True, (5, 0, 0, 1),
    )  # fmt: skip
    assert [one["id"] for one in (await county.ok("GET", "/v1/imports"))["data"]] == [job["id"]]


@pytest.mark.parametrize("name", ["ids", "imports"])
async def test_jobs_of_both_forms_remove_files(county: County, folder: Path, name: str) -> None:
    job = await county.load("staff", people(county, 5), mode="valid_rows")
    assert list(folder.glob(f"{job['id']}.*")) != []
    remove_files(app.state.resources[Imports], {name: [job["id"]]})
    assert list(folder.glob(f"{job['id']}.*")) == []


async def test_an_expired_dry_run_is_not_committed(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    job = await county.load("staff", people(county), dry_run=True)
    await expire(admin, job)
    answer = await county.call("POST", f"/v1/imports/{job['id']}:commit")
    assert (answer.status_code, answer.json()["code"]) == (409, "import.not_committable")
    assert await county.all("/v1/staff") == []


async def test_one_that_nobody_sends_a_file_to_is_given_up(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", folder: Path
) -> None:
    job = await opened(county)
    await put(county, job, b"half of it", **{"Content-Range": "bytes 0-9/20"})
    await expire(admin, job)
    assert list(folder.glob(f"{job['id']}.*")) == []
    assert (await read(county, job))["state"] == "cancelled"
    answer = await put(county, job, b"the rest ", **{"Content-Range": "bytes 10-19/20"})
    assert (answer.status_code, answer.json()["code"]) == (409, "import.not_open")


async def test_one_that_runs_keeps_its_file(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = people(county)
    cut_small(monkeypatch, content)
    job = await opened(county)
    hold = Hold(monkeypatch, job, "stage")
    await put(county, job, content)
    await hold.reached()
    await expire(admin, job)
    hold.let_go()
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_what_lies_on_disk_cannot_be_read(county: County, folder: Path) -> None:
    content = people(county).decode().encode("utf-16")  # so that it is rewritten
    job = await county.load("staff", content)
    files = list(folder.glob(f"{job['id']}.*"))
    assert {path.suffix for path in files} == {".upload", ".rows", ".lock"}
    for path in files:
        assert b"staff_no" not in path.read_bytes().replace(b"\0", b"")
        assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


@pytest.fixture
async def queued(county: County, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, Hold]:
    """An import that waits for another one to end."""
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    await put(county, first, people(county, 2))
    await hold.reached()
    return await begun(county, people(county)), hold


async def ends_unreadable(county: County, job: Job) -> None:
    """The import ends with a problem that says so, and nothing of it is stored."""
    ended = await end_of(county, job)
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "import.file_unreadable")
    assert ended["progress"]["rows"] == 0
    assert len(await county.all("/v1/staff")) == 2, "those of the import before"
    english = await county.call(
        "GET", f"/v1/imports/{job['id']}", headers={"Accept-Language": "en"}
    )
    assert "Import it again" in english.json()["problem"]["detail"]
    assert "重新导入" in ended["problem"]["detail"]


async def test_a_file_that_was_removed_meanwhile(
    county: County, queued: tuple[Job, Hold], folder: Path
) -> None:
    job, hold = queued
    (folder / f"{job['id']}.upload").unlink()
    hold.let_go()
    await ends_unreadable(county, job)
    again = await county.load("staff", people(county))
    assert counts(again) == (18, 0, 2, 0), "the next one is not held up"


async def test_a_key_that_was_replaced_meanwhile(
    county: County, queued: tuple[Job, Hold], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, hold = queued
    settings = app.state.resources[Imports].settings
    monkeypatch.setitem(settings.__dict__, "files_key_bytes", os.urandom(32))
    hold.let_go()
    await ends_unreadable(county, job)


async def test_rows_of_a_file_that_was_removed(county: County, folder: Path) -> None:
    job = await county.load("staff", people(county))
    (folder / f"{job['id']}.upload").unlink()
    answer = await county.call("GET", f"/v1/imports/{job['id']}/applied-rows")
    assert (answer.status_code, answer.json()["code"]) == (410, "import.file_unreadable")
