"""Imports that meet a full disk: they give back what they have taken, wait, and go on."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.chassis.files.encrypted_files import EncryptedFile, Writer
from services.chassis.operations import failures
from services.chassis.queue import worker
from tests.imports.driving import admin_of, begun, end_of, opened, people, put, read
from tests.schools.county import County
from tests.support.importing import Job, counts

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
CODE = "platform.storage_full"
RUNS = 4


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has broken off is tried again soon, and would be given up soon."""
    monkeypatch.setattr(failures, "MOST_BREAKS", 2)
    monkeypatch.setattr(worker, "FIRST_RETRY", timedelta(seconds=0.2))
    monkeypatch.setattr(worker, "LONGEST_RETRY", timedelta(seconds=0.2))


class SmallWriter(Writer):
    """Finds the disk full after some bytes."""

    def __init__(self, writer: Writer) -> None:
        vars(self).update(vars(writer))

    def write(self, data: bytes) -> None:
        super().write(data[:100])
        self.flush()
        raise OSError(errno.ENOSPC, "No space left on device")


@asynccontextmanager
async def full(admin: Admin, county: County, table: str) -> AsyncIterator[None]:
    """PostgreSQL finds its disk full when rows of this bureau are written to a table."""
    await admin.execute(
        "create function public.test_full() returns trigger language plpgsql as $$ begin "
        "raise exception 'could not extend file: No space left on device' "
        "using errcode = 'disk_full'; end $$; "
        f"create trigger test_full before insert on schools.{table} "
        f"for each row when (new.bureau_code = '{county.bureau}') "
        "execute function public.test_full()"
    )
    try:
        yield
    finally:
        await admin.execute("drop function public.test_full() cascade")


async def waiting(
    county: County, job: Job, condition: Callable[[Job], bool] = lambda _job: True
) -> Job:
    """The import, while it waits for room."""
    async with asyncio.timeout(60):
        while True:
            found = await read(county, job)
            assert found["state"] in ("queued", "validating", "loading"), found
            if found["waits_for"] == CODE and condition(found):
                return found
            await asyncio.sleep(0.02)


async def stages(admin: Admin, job: Job) -> list[str]:
    """The tables in which an import holds its rows."""
    prefix = f"import_{job['id'].replace('-', '')}_"
    rows = await admin.fetch(
        "select relname from pg_class where relkind = 'r' and starts_with(relname, $1)", prefix
    )
    return [row["relname"] for row in rows]


@pytest.mark.parametrize("mode", ["all_or_nothing", "valid_rows"])
@pytest.mark.parametrize("table", ["import_part", "staff"])
async def test_a_full_database_is_waited_out(
    county: County, admin: Admin, table: str, mode: str
) -> None:
    async with full(admin, county, table):
        job = await begun(county, people(county), mode=mode)
        found = await waiting(county, job)
        assert (found["problem"], found["finished_at"]) == (None, None)
        listed = await county.ok("GET", f"/v1/imports?waits_for={CODE}")
        assert [one["id"] for one in listed["data"]] == [job["id"]]
        async with asyncio.timeout(60):
            while await runs_of(admin, job) < RUNS:
                await asyncio.sleep(0.05)
        await waiting(county, job)
        assert await stages(admin, job) == [], "it takes no room while it waits for room"
    ended = await end_of(county, job)
    assert (ended["state"], ended["waits_for"]) == ("completed", None)
    assert counts(ended) == (20, 0, 0, 0)
    assert (
        await admin.fetchval("select breaks from schools.import_job where id = $1", job["id"]) == 0
    )


async def runs_of(admin: Admin, job: Job) -> int:
    runs: int = await admin.fetchval("select run from schools.import_job where id = $1", job["id"])
    return runs


async def test_what_waits_for_room_is_cancelled_at_once(county: County, admin: Admin) -> None:
    async with full(admin, county, "import_part"):
        job = await begun(county, people(county))
        await waiting(county, job)
        await county.ok("POST", f"/v1/imports/{job['id']}:cancel")
        ended = await end_of(county, job)
    assert (ended["state"], ended["waits_for"]) == ("cancelled", None)


async def test_a_full_folder_is_waited_out(
    county: County, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is rewritten as UTF-8 beside its upload, and there is room for a part of it."""
    writer_of = EncryptedFile.writer

    def small(encrypted_file: EncryptedFile, offset: int = 0) -> Writer:
        writer = writer_of(encrypted_file, offset)
        return writer if encrypted_file.path.suffix == ".upload" else SmallWriter(writer)

    with monkeypatch.context() as disk:
        disk.setattr(EncryptedFile, "writer", small)
        job = await begun(county, people(county, name="李建国").decode().encode("gb18030"))
        await waiting(county, job)
        assert not folder.joinpath(f"{job['id']}.rows").exists(), "it takes no room meanwhile"
    ended = await end_of(county, job)
    assert (ended["state"], counts(ended)) == ("completed", (20, 0, 0, 0))


async def test_an_upload_that_finds_the_disk_full_goes_on_later(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, content = await opened(county), people(county)
    with monkeypatch.context() as disk:

        def refuse(*_: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        disk.setattr(Writer, "write", refuse)
        answer = await put(county, job, content)
        assert (answer.status_code, answer.json()["code"]) == (507, CODE)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await read(county, job))["state"] == "open"
    assert (await put(county, job, content)).status_code == 202
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_an_import_is_refused_with_a_problem_while_the_database_is_full(
    county: County, admin: Admin
) -> None:
    async with full(admin, county, "import_job"):
        headers = admin_of(county) | {"Idempotency-Key": "full"}
        stated = {"resource": "staff"}
        answer = await county.client.post("/v1/imports", json=stated, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (507, CODE)
    again = await county.client.post("/v1/imports", json=stated, headers=headers)
    assert again.status_code == 202, "what failed did nothing, and leaves its key free"
