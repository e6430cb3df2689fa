"""What the feed tells, in what order, to whom, and when."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx
import pytest

from tests.changes.copying import Copy, settled
from tests.changes.writers import act_for, add_school, code, logged_in
from tests.schools.county import County, csv_of, person, school
from tests.support.importing import counts
from tests.support.tokens import bearer


async def ok(client: httpx.AsyncClient, method: str, path: str, bureau: str, **more: Any) -> Any:
    headers = bearer("bureau_admin", bureau=bureau) | more.pop("headers", {})
    answer = await client.request(method, path, headers=headers, **more)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.quick("services.chassis.audit")
async def test_an_insert_a_change_and_a_delete(
    copy: Copy, bureau: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    at = code(bureau, 1)
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(at))
    await ok(copy.client, "PATCH", f"/v1/schools/by-key/{at}", bureau, json={"name": "新名"})
    await admin.execute("delete from schools.school where school_code = $1", at)
    await copy.catch_up()
    insert, update, delete = copy.seen
    assert [change["operation"] for change in copy.seen] == ["insert", "update", "delete"]
    assert {change["resource"] for change in copy.seen} == {"schools"}
    assert {change["key"] for change in copy.seen} == {at}
    assert insert["changes"]["school_code"] == [None, at]
    assert "enrolment" not in insert["changes"], "what was and is null is no change"
    assert insert["actor"] == "tester"
    assert update["changes"].keys() == {"name", "version", "updated_at"}
    assert update["changes"]["name"][1] == "新名"
    assert update["old_key"] is None
    assert delete["changes"]["name"] == ["新名", None]
    assert delete["actor"] is None, "nobody who came through the service"


async def test_a_change_carries_its_request(copy: Copy, bureau: str) -> None:
    given = {"X-Request-Id": "request-of-this-test"}
    body = school(code(bureau, 1))
    await ok(copy.client, "POST", "/v1/schools", bureau, json=body, headers=given)
    (change,) = await copy.read(wait=20)
    assert change["request_id"] == "request-of-this-test"


async def test_nothing_changed_is_no_change(copy: Copy, bureau: str) -> None:
    body = school(code(bureau, 1))
    await ok(copy.client, "POST", "/v1/schools", bureau, json=body)
    await ok(copy.client, "PUT", f"/v1/schools/by-key/{body['school_code']}", bureau, json=body)
    async with logged_in() as writer, writer.transaction():
        await act_for(writer, bureau)
        await writer.execute("update school set version = version + 1, updated_at = now()")
    await copy.catch_up()
    assert [change["operation"] for change in copy.seen] == ["insert"]


async def test_a_new_key_comes_with_the_old_one(copy: Copy, bureau: str) -> None:
    async with logged_in() as writer, writer.transaction():
        await act_for(writer, bureau)
        await add_school(writer, bureau, 1)
        await writer.execute("update school set school_code = $1", code(bureau, 2))
    await copy.catch_up()
    renamed = copy.seen[-1]
    assert (renamed["old_key"], renamed["key"]) == (code(bureau, 1), code(bureau, 2))


async def test_a_slow_early_transaction_is_not_skipped(copy: Copy, bureau: str) -> None:
    async with logged_in() as slow, logged_in() as quick:
        early = slow.transaction()
        await early.start()
        await act_for(slow, bureau)
        await add_school(slow, bureau, 1)
        async with quick.transaction():
            await act_for(quick, bureau)
            await add_school(quick, bureau, 2)
        assert await copy.read() == [], "not before what is older has ended"
        await early.commit()
    await copy.catch_up()
    assert [change["key"] for change in copy.seen] == [code(bureau, 1), code(bureau, 2)]


async def test_what_waited_for_a_row_comes_after_it(copy: Copy, bureau: str) -> None:
    async with logged_in() as first, logged_in() as second:
        async with first.transaction():
            await act_for(first, bureau)
            await add_school(first, bureau, 1)
        older, newer = first.transaction(), second.transaction()
        await older.start()
        await act_for(first, bureau)
        await first.fetchval("select pg_current_xact_id()::text")  # the lower id of the two
        await newer.start()
        await act_for(second, bureau)
        await second.execute("update school set name = '先'")
        waiting = asyncio.create_task(first.execute("update school set name = '后'"))
        await asyncio.sleep(0.05)
        await newer.commit()
        await waiting
        await older.commit()
    await copy.catch_up()
    assert [change["changes"]["name"][1] for change in copy.seen] == ["一小", "先", "后"]


async def test_what_is_rolled_back_never_was(copy: Copy, bureau: str) -> None:
    async with logged_in() as writer:
        attempt = writer.transaction()
        await attempt.start()
        await act_for(writer, bureau)
        await add_school(writer, bureau, 1)
        await attempt.rollback()
    await copy.catch_up()
    assert copy.seen == []


async def test_a_long_poll_wakes(copy: Copy, bureau: str) -> None:
    started = time.monotonic()
    waiting = asyncio.create_task(copy.read(wait=20))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 1)))
    (change,) = await waiting
    assert change["operation"] == "insert"
    assert time.monotonic() - started < 10


async def test_now_skips_what_is_there(copy: Copy, bureau: str) -> None:
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 1)))
    await settled()
    copy.cursor = "now"
    assert await copy.read() == []
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 2)))
    assert [change["key"] for change in await copy.read(wait=20)] == [code(bureau, 2)]


async def test_one_resource_of_several(copy: Copy, bureau: str) -> None:
    at = code(bureau, 1)
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(at))
    await ok(copy.client, "POST", "/v1/staff", bureau, json=person("T1", at, 1))
    (change,) = await copy.read(resource="staff", wait=20)
    assert change["resource"] == "staff"


async def test_a_bulk_import_is_told_row_by_row(copy: Copy, bureau: str) -> None:
    at = code(bureau, 1)
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(at))
    people = [person(f"T{serial:05}", at, serial) for serial in range(1, 1501)]
    county = County(copy.client, bureau)
    assert counts(await county.load("staff", csv_of(people))) == (1500, 0, 0, 0)
    assert counts(await county.load("staff", csv_of(people))) == (0, 0, 1500, 0)
    for one in people[:500]:
        one["name"] = "改名"
    assert counts(await county.load("staff", csv_of(people))) == (0, 500, 1000, 0)
    await copy.catch_up()
    operations = [change["operation"] for change in copy.seen if change["resource"] == "staff"]
    assert (operations.count("insert"), operations.count("update")) == (1500, 500)
    assert len(copy.rows["staff"]) == 1500


async def test_secret_columns_never_appear(
    copy: Copy, bureau: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    at = code(bureau, 1)
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(at))
    await ok(copy.client, "POST", "/v1/staff", bureau, json=person("T1", at, 1))
    await ok(copy.client, "PUT", "/v1/staff/by-key/T1", bureau, json=person("T1", at, 2))
    await ok(copy.client, "PUT", "/v1/staff/by-key/T1", bureau, json=person("T1", at, 2))
    await copy.catch_up()
    changes = [change["changes"] for change in copy.seen if change["resource"] == "staff"]
    assert len(changes) == 2, "the same number, encrypted anew, is no change"
    assert changes[0]["id_number_cipher"] == [None, "***"]
    assert changes[1]["id_number_index"] == ["***", "***"]
    stored = await admin.fetchrow(
        "select encode(id_number_cipher, 'hex') as cipher, encode(id_number_index, 'hex') as "
        "index from schools.staff where bureau_code = $1",
        bureau,
    )
    assert stored is not None
    logged = await admin.fetchval(
        "select string_agg(l::text, '') from schools.change_log l where bureau_code = $1", bureau
    )
    for secret in (*stored.values(), person("T1", at, 1)["id_number"]):
        assert secret not in logged


async def test_another_bureau_sees_nothing(copy: Copy, bureau: str) -> None:
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 1)))
    await copy.catch_up()
    other = Copy(copy.client, "999998")
    await other.catch_up()
    assert not any(change["key"] == code(bureau, 1) for change in other.seen)
    other.cursor = copy.cursor
    answer = await copy.client.get(
        "/v1/changes", params={"after": copy.cursor}, headers=other.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "platform.cursor_invalid")


@pytest.mark.parametrize(
    "subject", [{"schools": ["2162000001"]}, {"bureau": None}], ids=["of a school", "of no bureau"]
)
async def test_the_feed_is_for_whole_bureaus(
    client: httpx.AsyncClient, bureau: str, subject: dict[str, Any]
) -> None:
    headers = bearer("bureau_admin", **{"bureau": bureau} | subject)
    answer = await client.get("/v1/changes", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope")
