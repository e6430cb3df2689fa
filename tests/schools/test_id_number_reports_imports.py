"""Imports by callers without `staff:pii`: free numbers are recorded, all others reported."""

import asyncio
import json
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.queue import worker
from services.schools.main import app
from tests.imports.driving import Break, cut_small
from tests.schools.county import County, csv_of, id_number, ndjson_of, person, read_csv
from tests.schools.reports import INTEGRATION, number_of, officer, report_rows
from tests.support.database import admin_url
from tests.support.importing import counts, ended, open_import
from tests.support.tokens import bearer

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_WAITING = """
select exists (select from pg_stat_activity where datname = current_database()
    and wait_event_type = 'Lock' and wait_event = 'transactionid')
"""
# Somebody else's write, which is not committed yet.
_TAKE = """
insert into schools.staff (bureau_code, staff_no, name, name_pinyin, name_initials, school_code,
    post_category, employed_on, status, id_number_cipher, id_number_index, gender, birth_date)
select bureau_code, 'T0', '别人', 'bieren', 'br', school_code, 'worker', '2020-01-01', 'active',
    id_number_cipher, $2, gender, birth_date
from schools.staff where bureau_code = $1 and staff_no = 'T1'
"""


@pytest.fixture
async def two(county: County) -> County:
    """T1 at the first school and T2 at the second, with numbers 1 and 2."""
    rows = [person("T1", county.one, 1), person("T2", county.two, 2)]
    assert counts(await county.load("staff", csv_of(rows))) == (2, 0, 0, 0)
    return county


def mixed(county: County) -> list[dict[str, Any]]:
    """New people with a free and a held number, registered ones with their own and another one."""
    return [
        person("T3", county.one, 3),
        person("T4", county.one, 2),
        person("T1", county.one, 9),
        person("T5", county.one, 5),
    ]


@pytest.mark.parametrize("mode", ["all_or_nothing", "valid_rows"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_counts_are_the_same_and_the_bureau_gets_reports(
    two: County, mode: str, form: str
) -> None:
    content = {"csv": csv_of, "ndjson": ndjson_of}[form](mixed(two))
    tried = await two.load("staff", content, f"a.{form}", mode=mode, dry_run=True, **officer(two))
    assert (counts(tried), tried["faults"], await report_rows(two)) == ((3, 0, 1, 0), [], [])
    job = await two.load("staff", content, f"a.{form}", mode=mode, **officer(two))
    assert (counts(job), job["faults"]) == ((3, 0, 1, 0), [])
    expected = [("T1", "differs", None, "open"), ("T4", "taken", "T2", "open")]
    assert sorted(await report_rows(two)) == expected
    for staff_no, serial in (("T1", 1), ("T2", 2), ("T3", 3), ("T4", None), ("T5", 5)):
        number = None if serial is None else id_number(serial)
        assert await number_of(two, staff_no) == number, staff_no
    again = await two.load("staff", content, f"a.{form}", mode=mode, **officer(two))
    assert counts(again) == (0, 0, 4, 0)
    assert sorted(await report_rows(two)) == expected


async def test_the_job_says_that_numbers_of_registered_people_are_not_applied(two: County) -> None:
    notices = []
    for serial in (1, 9):
        rows = [person("T1", two.one, serial), person("T7", two.one, 70 + serial)]
        job = await two.load("staff", csv_of(rows), dry_run=True, **officer(two))
        notices.append(job["notices"])
        assert (await two.load("staff", csv_of(rows), dry_run=True))["notices"] == []
    assert notices[0] == notices[1], "whether it is the recorded number or not"
    (notice,) = notices[0]
    assert (notice["code"], notice["rows"]) == ("id_number.not_applied", 1)
    assert notice["message"].startswith("1 行")
    without = await two.load("staff", "staff_no,duty\nT1,教师\n", **officer(two))
    assert (counts(without), without["notices"]) == ((0, 1, 0, 0), [])


async def test_what_is_not_imported_is_not_reported(two: County) -> None:
    rows = [*mixed(two), person("T8", "2162999999", 8), person("T4", two.one, 44)]
    job = await two.load("staff", csv_of(rows), **officer(two))
    assert (job["state"], await report_rows(two)) == ("failed", [])
    faulty = [person("T4", "2162999999", 2), person("T1", two.one, 9, employed_on="2010-02-30")]
    faulty += [person("T6", two.one, 6)]
    job = await two.load("staff", csv_of(faulty), mode="valid_rows", **officer(two))
    assert (counts(job), await report_rows(two)) == ((1, 0, 0, 2), [])
    refused = await two.load(
        "staff", csv_of([person("T1", two.one, 9)]), operation="insert", **officer(two)
    )
    assert (refused["faults"], await report_rows(two)) == (
        [(2, "staff_no", "import.exists")],
        [],
    )


@pytest.mark.parametrize("serial", [2, 9], ids=["held", "free"])
async def test_a_number_twice_in_a_file_is_a_fault_whether_held_or_free(
    two: County, serial: int
) -> None:
    rows = [person("T5", two.one, serial), person("T6", two.one, serial)]
    job = await two.load("staff", csv_of(rows), mode="valid_rows", **officer(two))
    assert (counts(job), job["faults"]) == (
        (1, 0, 0, 1), [(3, "id_number", "id_number.duplicate_in_file")],
    )  # fmt: skip


async def test_a_masked_number_is_taken_for_whoever_is_registered(two: County) -> None:
    await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2), **officer(two))
    exported = (await two.call("GET", "/v1/staff?format=csv", **INTEGRATION)).text
    assert {row["id_number_masked"] for row in read_csv(exported)} == {"*" * 18}
    of_last_year = exported.replace("*" * 18, "620123***********2")
    for text in (exported, of_last_year):
        assert counts(await two.load("staff", text, **INTEGRATION)) == (0, 0, 3, 0)
    new = exported.replace("T1,", "T77,")
    job = await two.load("staff", new, mode="valid_rows", **INTEGRATION)
    assert (counts(job), job["faults"]) == ((0, 0, 2, 1), [(2, "id_number", "id_number.masked")])
    assert await report_rows(two) == [("T4", "taken", "T2", "open")]


async def test_every_part_reports_also_one_in_which_nothing_changes(
    two: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person(f"P{n:03}", two.one, 100 + n) for n in range(40)]
    await two.load("staff", csv_of(rows))
    for at in (3, 17, 39):
        rows[at]["id_number"] = id_number(900 + at)
    content = csv_of([*rows, person("P900", two.one, 2)])
    cut_small(monkeypatch, content)
    job = await two.load("staff", content, mode="valid_rows", **INTEGRATION)
    assert counts(job) == (1, 0, 40, 0)
    found = [(staff_no, reason) for staff_no, reason, *_ in await report_rows(two)]
    assert sorted(found) == [
        ("P003", "differs"), ("P017", "differs"), ("P039", "differs"), ("P900", "taken"),
    ]  # fmt: skip


async def test_an_import_that_breaks_off_reports_all_the_same_and_once(
    two: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FIRST_RETRY", timedelta(milliseconds=1))
    rows = [person(f"P{n:03}", two.one, 2 if n == 21 else 100 + n) for n in range(40)]
    rows[8] |= {"staff_no": "T1", "id_number": id_number(1008)}
    rows[33] |= {"staff_no": "T1x", "id_number": id_number(1)}
    content = csv_of(rows)
    cut_small(monkeypatch, content)
    headers = bearer("integration", bureau=two.bureau)
    opened = (await open_import(two.client, headers, "staff", mode="valid_rows")).json()
    Break(monkeypatch, opened, "_load_part", after=3, times=2)
    path = f"/v1/imports/{opened['id']}"
    await two.client.put(f"{path}/content", headers=headers, content=content)
    job = await ended(two.client, headers, path)
    assert (job["state"], counts(job)) == ("completed", (39, 1, 0, 0))
    found = [row[:3] for row in await report_rows(two)]
    assert sorted(found) == [
        ("P021", "taken", "T2"), ("T1", "differs", None), ("T1x", "taken", "T1"),
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["import", "post", "put"])
async def test_whoever_records_a_number_meanwhile_holds_it(
    two: County, admin: Admin, way: str
) -> None:
    """A write that waits for another one of the same number ends as if it had come later."""
    index = app.state.resources[KeyRing].blind_index(id_number(7))
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute(_TAKE, two.bureau, index)
    writing = asyncio.create_task(write(two, way))
    watcher = await asyncpg.connect(admin_url())
    while not writing.done() and not await watcher.fetchval(_WAITING):
        await asyncio.sleep(0.02)
    await watcher.close()
    assert not writing.done(), "it waits for the other one"
    await transaction.commit()
    await writing
    assert await number_of(two, "T9") is None
    assert await report_rows(two) == [("T9", "taken", "T0", "open")]


async def write(county: County, way: str) -> None:
    """Register T9 with number 7, which must succeed."""
    body = person("T9", county.one, 7)
    if way == "import":
        job = await county.load("staff", csv_of([body]), **officer(county))
        assert (counts(job), job["faults"]) == ((1, 0, 0, 0), [])
    elif way == "post":
        await county.ok("POST", "/v1/staff", json=body, **officer(county))
    else:
        await county.ok("PUT", "/v1/staff/by-key/T9", json=body, **officer(county))


async def test_a_person_registered_meanwhile_gets_no_number_from_the_file(
    two: County, admin: Admin
) -> None:
    """The row was new when it was staged: its number becomes a report, not a silent loss."""
    await admin.execute("begin")
    await admin.execute(_TAKE.replace("'T0'", "'T9'"), two.bureau, b"x" * 32)
    writing = asyncio.create_task(
        two.load("staff", csv_of([person("T9", two.one, 7, name="别人")]), **officer(two))
    )
    watcher = await asyncpg.connect(admin_url())
    while not writing.done() and not await watcher.fetchval(_WAITING):
        await asyncio.sleep(0.02)
    await watcher.close()
    await admin.execute("commit")
    job = await writing
    assert (job["state"], job["faults"]) == ("completed", []), json.dumps(job)
    assert await report_rows(two) == [("T9", "differs", None, "open")]
