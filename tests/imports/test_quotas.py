"""What one account can have stored is limited: faults, files, and what files unpack to."""

import asyncio
import gzip
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.chassis.core.settings import FileSettings
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.engine.imports import Imports
from services.chassis.operations.cleanup import clear_operations
from services.schools.main import app
from tests.imports.driving import (
    Hold,
    admin_of,
    begun,
    cut_small,
    end_of,
    opened,
    people,
    put,
    read,
)
from tests.schools.county import County, csv_of, person, read_csv
from tests.support.answers import status_and_code
from tests.support.exporting import begin, ended
from tests.support.importing import Job, counts, open_import
from tests.support.tokens import bearer
from tests.support.workbooks import parts, sheet_of, zipped

ROWS, MOST = 60, 25
KEPT = "select count(*) from schools.import_fault where job_id = $1"


@pytest.fixture
def settings(county: County) -> FileSettings:
    """The settings of the running service."""
    del county
    found: FileSettings = app.state.resources[Imports].settings
    return found


def faulty(county: County, *, every: int = 1, **changes: Any) -> bytes:
    """A file of which every so many rows have two faults, unless said otherwise."""
    changes = changes or {"post_category": "x", "status": "y"}
    rows = [person(f"F{n:03}", county.one, n, status="active") for n in range(ROWS)]
    return csv_of([row | changes if n % every == 0 else row for n, row in enumerate(rows)])


async def failed_rows(county: County, job: Job) -> list[dict[str, str]]:
    """The rows of the file of failed rows."""
    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    assert answer.status_code == 200, answer.text
    return read_csv(answer.content.decode("utf-8-sig"))


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_all_faults_are_counted_and_the_first_are_kept(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    settings: FileSettings,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    monkeypatch.setattr(settings, "max_import_faults", MOST)
    content = faulty(county)
    cut_small(monkeypatch, content)
    job = await county.load("staff", content, mode=mode)
    assert counts(job) == (0, 0, 0, ROWS)
    assert job["progress"]["rows"] == ROWS
    found = await county.ok("GET", f"/v1/imports/{job['id']}")
    is_lost = mode == "all_or_nothing"
    assert found["faults"] == {
        "count": 2 * ROWS,
        "listed": MOST,
        "by_code": {"code.unknown": 2 * ROWS},
        "is_complete": not is_lost,
    }
    first = [(2 + n // 2, ("post_category", "status")[n % 2], "code.unknown") for n in range(MOST)]
    assert job["faults"] is not None
    listed = await county.all(f"/v1/imports/{job['id']}/faults")
    assert [(one["row"], one["field"], one["code"]) for one in listed] == first
    assert await admin.fetchval(KEPT, job["id"]) == MOST
    rows = await failed_rows(county, job)
    assert [row["staff_no"] for row in rows] == [f"F{n:03}" for n in range(ROWS)]
    assert {row["_field"] for row in rows} == {"post_category; status"}
    assert len({row["_message"] for row in rows}) == 1, "told alike, kept or found once more"
    assert all(row["_message"] for row in rows)


async def test_rows_beyond_those_are_known_by_what_they_break_beside_others(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "max_import_faults", MOST)
    content = faulty(county, every=2, school_code="2199999999")
    cut_small(monkeypatch, content)
    job = await county.load("staff", content, mode="valid_rows")
    assert counts(job) == (ROWS // 2, 0, 0, ROWS // 2)
    found = await read(county, job)
    assert found["faults"]["by_code"] == {"school.unknown": ROWS // 2}
    assert (found["faults"]["listed"], found["faults"]["is_complete"]) == (MOST, True)
    rows = await failed_rows(county, job)
    assert [row["staff_no"] for row in rows] == [f"F{n:03}" for n in range(0, ROWS, 2)]
    told_of = [(row["_field"], row["_code"], bool(row["_message"])) for row in rows]
    assert set(told_of) == {("school_code", "school.unknown", True)}
    applied = await county.call("GET", f"/v1/imports/{job['id']}/applied-rows")
    assert applied.text.count("\r\n") == 1 + ROWS // 2


async def test_with_few_faults_everything_is_looked_for(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fault less than is kept: rows are judged beside others, as they always were."""
    monkeypatch.setattr(settings, "max_import_faults", MOST)
    rows = [person(f"F{n:03}", county.one, n) for n in range(ROWS)]
    for row in rows[: MOST - 1]:
        row["post_category"] = "x"
    rows[-1]["staff_no"] = rows[-2]["staff_no"]
    job = await county.load("staff", csv_of(rows))
    assert (job["state"], job["progress"]["failed"]) == ("failed", MOST)
    found = await read(county, job)
    assert found["faults"]["by_code"] == {"code.unknown": MOST - 1, "import.duplicate_in_file": 1}


async def test_what_would_be_refused_anyway_is_not_staged(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    settings: FileSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Faults in the first parts; the good rows behind them leave nothing in PostgreSQL."""
    monkeypatch.setattr(settings, "max_import_faults", 5)
    monkeypatch.setattr(app.state.resources[Imports].in_processes, "size", 1)
    rows = [person(f"F{n:03}", county.one, n) for n in range(400)]
    for row in rows[:10]:
        row["post_category"] = "x"
    content = csv_of(rows)
    cut_small(monkeypatch, content)
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, content)
    await hold.reached()
    stage = f"schools.import_{job['id'].replace('-', '')}_1_keys"
    assert await admin.fetchval(f"select count(*) from {stage}") < 100
    hold.let_go()
    ended = await end_of(county, job)
    assert (ended["progress"]["rows"], ended["progress"]["failed"]) == (400, 10)
    assert ended["faults"] == {
        "count": 10, "listed": 5, "by_code": {"code.unknown": 10}, "is_complete": False,
    }  # fmt: skip


async def test_of_one_account_the_faults_of_the_newest_imports_are_kept(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    settings: FileSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "max_account_faults", 5 * ROWS)
    jobs = [await county.load("staff", faulty(county)) for _ in range(4)]
    kept = [await admin.fetchval(KEPT, job["id"]) for job in jobs]
    assert kept == [0, 0, 2 * ROWS, 2 * ROWS]
    oldest = await read(county, jobs[0])
    assert (oldest["faults"]["count"], oldest["faults"]["listed"]) == (2 * ROWS, 0)
    rows = await failed_rows(county, jobs[0])
    assert len(rows) == ROWS
    assert rows == await failed_rows(county, jobs[3])


async def cleared(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", folder: Path, job: Job
) -> None:
    """Nothing of an import is left but itself."""
    for table in ("import_fault", "import_part", "held_file"):
        query = f"select count(*) from schools.{table} where job_id = $1"
        assert await admin.fetchval(query, job["id"]) == 0, table
    async with asyncio.timeout(10):
        while list(folder.glob(f"{job['id']}.*")):
            await asyncio.sleep(0.02)
    for what in ("faults", "failed-rows", "applied-rows"):
        answer = await county.call("GET", f"/v1/imports/{job['id']}/{what}")
        assert status_and_code(answer) == (410, "import.expired")


async def test_cancelling_clears_everything_at_once(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = faulty(county).decode().encode("gb18030")  # so that it is rewritten
    job = await opened(county, mode="valid_rows")
    hold = Hold(monkeypatch, job, "load_parts")
    await put(county, job, content)
    await hold.reached()
    assert await admin.fetchval(KEPT, job["id"]) == 2 * ROWS
    await county.ok("POST", f"/v1/imports/{job['id']}:cancel")
    hold.let_go()
    ended = await end_of(county, job)
    assert (ended["state"], ended["is_expired"]) == ("cancelled", True)
    assert (ended["progress"]["failed"], ended["faults"]["count"]) == (ROWS, 2 * ROWS)
    await cleared(county, admin, folder, job)


@pytest.mark.parametrize("state", ["open", "half", "queued"])
async def test_so_does_cancelling_one_that_has_not_begun(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    await put(county, first, people(county))
    await hold.reached()
    job = await opened(county)
    if state != "open":
        piece = {"Content-Range": "bytes 0-8/20"} if state == "half" else {}
        await put(county, job, b"half a fi" if state == "half" else people(county), **piece)
    await county.ok("POST", f"/v1/imports/{job['id']}:cancel")
    hold.let_go()
    await cleared(county, admin, folder, job)
    assert counts(await end_of(county, first)) == (20, 0, 0, 0)


async def test_what_has_ended_can_be_removed_before_it_expires(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", folder: Path
) -> None:
    job = await county.load("staff", faulty(county))
    waiting = await opened(county)
    answer = await county.call("DELETE", f"/v1/imports/{waiting['id']}/content")
    assert status_and_code(answer) == (409, "import.not_ended")
    for _ in range(2):
        answer = await county.call("DELETE", f"/v1/imports/{job['id']}/content")
        assert answer.status_code == 204
    await cleared(county, admin, folder, job)
    found = await read(county, job)
    assert (found["state"], found["faults"]["count"]) == ("failed", 2 * ROWS)


async def test_an_account_holds_so_much_and_no_more(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    monkeypatch.setattr(settings, "max_account_bytes", 2 * len(content) + 10)
    jobs = [await county.load("staff", content) for _ in range(2)]
    third = await opened(county)
    answer = await put(county, third, content)
    assert status_and_code(answer) == (507, "platform.quota_exceeded")
    assert str(2 * len(content)) in answer.json()["detail"]
    assert (await read(county, third))["received"] == 0
    form = {"resource": (None, "staff"), "file": ("a.csv", content)}
    answer = await county.call("POST", "/v1/imports", files=form)
    assert status_and_code(answer) == (507, "platform.quota_exceeded")
    # Somebody else of the bureau has room of the own.
    other = bearer("bureau_admin", bureau=county.bureau, name="other")
    theirs = (await open_import(county.client, other, "staff")).json()
    path = f"/v1/imports/{theirs['id']}/content"
    assert (await county.client.put(path, content=content, headers=other)).status_code == 202
    await county.call("DELETE", f"/v1/imports/{jobs[0]['id']}/content")
    assert (await put(county, third, content)).status_code == 202
    assert counts(await end_of(county, third)) == (0, 0, 20, 0)


async def test_a_file_of_unknown_length_is_stopped_where_the_room_ends(
    county: County, settings: FileSettings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "max_account_bytes", 3 << 20)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1 << 20
            yield bytes(1 << 20)

    job = await opened(county)
    answer = await put(county, job, endless())
    assert status_and_code(answer) == (507, "platform.quota_exceeded")
    assert EncryptedFile(folder / f"{job['id']}.upload", b"").size <= 3 << 20
    assert sent < 16 << 20
    received = (await read(county, job))["received"]
    assert 0 < received <= 3 << 20, "what has arrived is kept: it can go on once there is room"


async def test_a_bureau_holds_so_much_whoever_of_it_sends(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    monkeypatch.setattr(settings, "max_bureau_bytes", 2 * len(content))
    await county.load("staff", content)
    statuses = []
    for name in ("one", "two", "three"):
        headers = bearer("bureau_admin", bureau=county.bureau, name=name)
        job = (await open_import(county.client, headers, "staff")).json()
        path = f"/v1/imports/{job['id']}/content"
        answer = await county.client.put(path, content=content, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [202, 507, 507]
    await end_of(county, (await county.ok("GET", "/v1/imports"))["data"][0])


async def test_many_at_once_do_not_count_on_the_same_room(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    monkeypatch.setattr(settings, "max_account_bytes", 3 * len(content) + 10)
    jobs = [await opened(county) for _ in range(8)]
    answers = await asyncio.gather(*(put(county, job, content) for job in jobs))
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [507] * 5
    for job, answer in zip(jobs, answers, strict=True):
        if answer.status_code == 202:
            await end_of(county, job)


async def test_what_unpacks_to_more_than_there_is_room_for_is_refused(
    county: County, settings: FileSettings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = people(county) + b" " * 500 + b"\r\n" * 20_000
    packed = gzip.compress(text)
    monkeypatch.setattr(settings, "max_account_bytes", len(packed) + 30_000)
    job = await county.load("staff", packed, "rows.csv.gz")
    assert (job["state"], job["problem"]["code"]) == ("failed", "platform.quota_exceeded")
    assert {path.suffix for path in folder.glob(f"{job['id']}.*")} == {".upload", ".lock"}
    monkeypatch.setattr(settings, "max_account_bytes", len(packed) + 1_000_000)
    again = await county.load("staff", packed, "rows.csv.gz")
    assert (again["state"], again["progress"]["rows"]) != ("failed", 0)


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("rows.csv.gz", lambda: gzip.compress(b"T1," * 100_000)),
    "workbook": ("rows.xlsx", lambda: zipped(parts(sheet_of([["T1", "T2"]] * 20_000)))),
    "gb18030": ("rows.csv", lambda: ("工号,姓名\r\n" + "王" * 120_000).encode("gb18030")),
    "utf-16": ("rows.csv", lambda: ("工号,姓名\r\n" + "王" * 120_000).encode("utf-16")),
}


@pytest.mark.parametrize("kind", BOMBS)
async def test_of_what_unpacks_to_too_much_only_the_file_itself_is_left(
    county: County,
    settings: FileSettings,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(settings, "max_unpacked_bytes", 300_000)
    name, content = BOMBS[kind]
    job = await county.load("staff", content(), name)
    assert job["problem"]["code"] == "import.zip_bomb"
    assert {path.suffix for path in folder.glob(f"{job['id']}.*")} == {".upload", ".lock"}


async def test_a_full_disk_or_database_is_507_before_it_is_full(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await opened(county)
    tried = await county.load("staff", people(county), dry_run=True)
    form = {"resource": (None, "staff"), "file": ("a.csv", people(county))}
    for limit, value in (("max_database_bytes", 1), ("min_free_bytes", 1 << 60)):
        monkeypatch.setattr(settings, limit, value)
        answers = [
            await put(county, job, people(county)),
            await county.call("POST", "/v1/imports", files=form),
        ]
        if limit == "max_database_bytes":
            answers += [
                await open_import(county.client, admin_of(county), "staff"),
                await county.call("POST", f"/v1/imports/{tried['id']}:commit"),
            ]
        else:
            answers.append(await begin(county.client, admin_of(county), "staff"))
        assert {status_and_code(answer) for answer in answers} == {(507, "platform.storage_full")}
        monkeypatch.setattr(settings, limit, 0)
        app.state.resources[Imports].quota._size_known_at = -1000.0
    await put(county, job, people(county))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_an_import_waits_for_room_in_the_database(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    await put(county, first, people(county))
    await hold.reached()
    second = await begun(county, people(county))
    monkeypatch.setattr(settings, "max_database_bytes", 1)
    app.state.resources[Imports].quota._size_known_at = -1000.0
    hold.let_go()
    await end_of(county, first)
    while (await read(county, second))["state"] == "queued":
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert (await read(county, second))["state"] == "validating"
    monkeypatch.setattr(settings, "max_database_bytes", 0)
    assert counts(await end_of(county, second)) == (0, 0, 20, 0)


async def test_exports_hold_room_too(
    county: County, settings: FileSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county.load("staff", people(county))
    headers = admin_of(county)
    first = await ended(
        county.client, headers, (await begin(county.client, headers, "staff")).json()
    )
    held = first["bytes"]
    monkeypatch.setattr(settings, "max_account_bytes", len(people(county)) + held + 10)
    second = await ended(
        county.client, headers, (await begin(county.client, headers, "staff")).json()
    )
    assert (second["state"], second["problem"]["code"]) == ("failed", "platform.quota_exceeded")
    for _ in range(2):
        answer = await county.call("DELETE", f"/v1/exports/{first['id']}/content")
        assert answer.status_code == 204
    answer = await county.call("GET", f"/v1/exports/{first['id']}/content")
    assert status_and_code(answer) == (410, "export.expired")
    third = await ended(
        county.client, headers, (await begin(county.client, headers, "staff")).json()
    )
    assert third["state"] == "completed"


async def test_what_a_killed_request_has_left_behind_is_removed(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", folder: Path
) -> None:
    lost = uuid4()
    folder.mkdir(exist_ok=True)
    (folder / f"{lost}.upload").write_bytes(bytes(100))
    kept = await opened(county)
    await put(county, kept, b"half a fi", **{"Content-Range": "bytes 0-8/20"})
    await admin.execute(
        "insert into schools.held_file (job_id, bureau_code, subject, bytes, created_at) "
        "values ($1, $2, 'somebody', 100, now() - interval '2 days')",
        lost,
        county.bureau,
    )
    long_ago = time.time() - 7200
    for path in (*folder.glob(f"{lost}.*"), *folder.glob(f"{kept['id']}.*")):
        os.utime(path, (long_ago, long_ago))
    await clear_operations(app.state.resources[Imports])
    assert list(folder.glob(f"{lost}.*")) == []
    assert list(folder.glob(f"{kept['id']}.upload"))
    held = await admin.fetch(
        "select job_id from schools.held_file where bureau_code = $1", county.bureau
    )
    assert [str(row["job_id"]) for row in held] == [kept["id"]]
