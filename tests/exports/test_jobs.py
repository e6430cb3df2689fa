import asyncio
import gzip
import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.chassis.exports.exports import Exports
from services.chassis.operations.cleanup import clear_operations
from services.schools.main import app
from tests.schools.county import County, codes, read_csv, read_workbook
from tests.support.exporting import begin, content, export
from tests.support.tokens import bearer


def admin_of(county: County, **subject: Any) -> dict[str, str]:
    """Somebody who administers the bureau."""
    return bearer("bureau_admin", **{"bureau": county.bureau} | subject)


@pytest.mark.quick("services.chassis.exports")
async def test_an_export_is_the_list_as_a_file(staffed: County) -> None:
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff", query={"sort": "-staff_no"})
    streamed = await staffed.call("GET", "/v1/staff?format=csv&sort=-staff_no")
    file = await content(staffed.client, headers, job)
    assert file.status_code == 200
    assert file.content == streamed.content
    assert (job["state"], job["rows"], job["problem"]) == ("completed", 20, None)
    assert job["bytes"] == len(file.content) == int(file.headers["content-length"])
    assert job["sha256"] == hashlib.sha256(file.content).hexdigest()
    assert job["created_at"] <= job["started_at"] <= job["finished_at"] < job["expires_at"]
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{job["file_name"]}"'
    digest = file.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")
    assert b64decode(digest).hex() == job["sha256"]


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
async def test_text_can_be_compressed(staffed: County, format_: str) -> None:
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff", format=format_, compress="gzip", bom=True)
    file = await content(staffed.client, headers, job)
    streamed = await staffed.call("GET", f"/v1/staff?format={format_}&bom=true")
    assert gzip.decompress(file.content) == streamed.content
    assert file.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in file.headers
    assert job["file_name"].startswith("staff-2")
    assert job["file_name"].endswith(f".{format_}.gz")


async def test_a_workbook_holds_what_was_chosen(staffed: County) -> None:
    headers = admin_of(staffed)
    wanted = {"school_code": staffed.one, "fields": "staff_no,version", "sort": "staff_no"}
    job = await export(staffed.client, headers, "staff", format="xlsx", query=wanted)
    assert job["query"] == wanted | {"school_code": [staffed.one]}
    assert job["rows"] == 10
    found = read_workbook((await content(staffed.client, headers, job)).content)
    assert found == [{"staff_no": f"T{n:02}", "version": 1} for n in range(0, 20, 2)]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"resource": "gold"}, ("/resource", "export.resource_unknown")),
        ({"query": {"colour": "red"}}, ("/query/colour", "extra_forbidden")),
        ({"query": {"limit": 5}}, ("/query/limit", "extra_forbidden")),
        ({"query": {"cursor": "x"}}, ("/query/cursor", "extra_forbidden")),
        ({"query": {"format": "csv"}}, ("/query/format", "extra_forbidden")),
        ({"query": {"sort": "gender"}}, ("/query/sort", "literal_error")),
        ({"query": {"fields": "name,colour"}}, ("/query/fields", "fields.unknown")),
        (
            {"query": {"employed_on_gte": "yesterday"}},
            ("/query/employed_on_gte", "date_from_datetime_parsing"),
        ),
        ({"query": {"status": [["active"]]}}, ("/query/status/0", "string_type")),
        ({"query": {"q": " "}}, ("/query/q", "string_too_short")),
        ({"query": []}, ("/query", "dict_type")),
        ({"within": {"cycle_id": "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"}},
         ("/within/cycle_id", "extra_forbidden")),
        ({"format": "json"}, ("/format", "literal_error")),
        ({"format": "xlsx", "compress": "gzip"}, ("/compress", "compress.no_text")),
        ({"compress": "zip"}, ("/compress", "literal_error")),
        ({"colour": "red"}, ("/colour", "extra_forbidden")),
        ({"bom": 0}, ("/bom", "bool_type")),
        ({"bom": "true"}, ("/bom", "bool_type")),
        ({"query": {"version": True}}, ("/query/version/0", "int_type")),
        ({"query": {"version": [1, 1.0]}}, ("/query/version/1", "int_type")),
        ({"query": {"version_gte": False}}, ("/query/version_gte", "int_type")),
        ({"query": {"staff_no": 1}}, ("/query/staff_no/0", "string_type")),
        ({"query": {"employed_on_gte": 20250101}}, ("/query/employed_on_gte", "date.number")),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_with_its_place(
    county: County, options: dict[str, Any], fault: tuple[str, str]
) -> None:
    wanted: dict[str, Any] = {"resource": "staff"} | options
    answer = await begin(county.client, admin_of(county), **wanted)
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_filters_are_json_or_the_text_of_an_address(staffed: County) -> None:
    headers = admin_of(staffed)
    for query in ({"version": 1}, {"version": "1"}, {"version": [1, "2"]}):
        assert (await export(staffed.client, headers, "staff", query=query))["rows"] == 20


@pytest.mark.parametrize(
    "query", [{"enrolment_gte": 99999999999999999999}, {"school_code": "\0"}, {"q": "\0"}]
)
async def test_values_that_postgres_cannot_take_are_refused_at_once(
    county: County, query: dict[str, Any]
) -> None:
    answer = await begin(county.client, admin_of(county), "schools", query=query)
    assert answer.status_code == 422


async def test_the_same_key_is_the_same_export(staffed: County) -> None:
    headers = admin_of(staffed) | {"Idempotency-Key": f"export-{staffed.bureau}"}
    first = await begin(staffed.client, headers, "staff", query={"status": "active"})
    again = await begin(staffed.client, headers, "staff", query={"status": "active"})
    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"
    other = await begin(staffed.client, headers, "staff", query={"status": "left"})
    assert other.json()["code"] == "platform.idempotency_key_reused"
    none = await staffed.call(
        "POST",
        "/v1/exports",
        json={"resource": "staff", "format": "csv"},
        headers={"Idempotency-Key": ""},
    )
    assert none.json()["code"] == "platform.idempotency_key_required"
    listed = await staffed.ok("GET", "/v1/exports?resource=staff")
    assert [job["id"] for job in listed["data"]] == [first.json()["id"]]


async def test_a_download_goes_on_where_it_broke_off(staffed: County) -> None:
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff")
    whole = await content(staffed.client, headers, job)
    size, etag = len(whole.content), whole.headers["etag"]
    assert whole.headers["accept-ranges"] == "bytes"

    async def part(wanted: str, **more: str) -> tuple[int, str | None, bytes]:
        answer = await content(staffed.client, headers, job, Range=wanted, **more)
        assert answer.headers.get("repr-digest") in (None, whole.headers["repr-digest"])
        return answer.status_code, answer.headers.get("content-range"), answer.content

    rest = whole.content[100:]
    assert await part("bytes=100-") == (206, f"bytes 100-{size - 1}/{size}", rest)
    assert await part("bytes=100-", **{"If-Range": etag}) == (
        206, f"bytes 100-{size - 1}/{size}", rest,
    )  # fmt: skip
    assert await part("bytes=0-9") == (206, f"bytes 0-9/{size}", whole.content[:10])
    assert await part("bytes=-7") == (
        206, f"bytes {size - 7}-{size - 1}/{size}", whole.content[-7:],
    )  # fmt: skip
    assert await part(f"bytes=5-{size * 2}") == (
        206, f"bytes 5-{size - 1}/{size}", whole.content[5:],
    )  # fmt: skip
    for passed_over in ("bytes=9-5", "bytes=0-1,5-6", "rows=1-2", "bytes=-", "bytes=a-b"):
        assert await part(passed_over) == (200, None, whole.content)
    assert await part("bytes=100-", **{"If-Range": '"another"'}) == (200, None, whole.content)
    for beyond in (f"bytes={size}-", "bytes=-0"):
        status, where, body = await part(beyond)
        assert (status, where) == (416, f"bytes */{size}")
        assert b"export.range_invalid" in body
    known = await content(staffed.client, headers, job, **{"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")


async def test_an_empty_export_is_a_file_too(county: County) -> None:
    headers = admin_of(county)
    table = await export(county.client, headers, "staff")
    assert (await content(county.client, headers, table)).text.startswith("staff_no,name,")
    lines = await export(county.client, headers, "staff", format="ndjson")
    assert (lines["rows"], lines["bytes"]) == (0, 0)
    file = await content(county.client, headers, lines)
    assert (file.status_code, file.content) == (200, b"")
    assert (await content(county.client, headers, lines, Range="bytes=0-")).status_code == 416


async def test_only_the_creator_sees_an_export(staffed: County) -> None:
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff")
    colleague = admin_of(staffed, name="colleague")
    elsewhere = bearer("bureau_admin", bureau="999994")
    for who in (colleague, elsewhere, bearer("system_admin", bureau=None)):
        for path in ("", "/content"):
            answer = await staffed.client.get(f"/v1/exports/{job['id']}{path}", headers=who)
            assert (answer.status_code, answer.json()["code"]) == (404, "export.not_found")
        answer = await staffed.client.post(f"/v1/exports/{job['id']}:cancel", headers=who)
        assert answer.status_code == 404
        assert (await staffed.client.get("/v1/exports", headers=who)).json()["data"] == []


async def test_who_sees_less_by_now_does_not_see_what_was_exported_before(staffed: County) -> None:
    job = await export(staffed.client, admin_of(staffed), "staff")
    path = f"/v1/exports/{job['id']}/content"
    for roles, subject in [
        (["bureau_admin"], {"schools": [staffed.one]}),
        (["bureau_leader"], {}),
    ]:
        now = bearer(*roles, bureau=staffed.bureau, **subject)
        assert (await staffed.client.get(path, headers=now)).status_code == 404
    more = bearer("bureau_admin", "supervisor", bureau=staffed.bureau)
    assert (await staffed.client.get(path, headers=more)).status_code == 200


async def test_a_school_exports_itself_and_a_person_the_person(staffed: County) -> None:
    officer = bearer("school_officer", bureau=staffed.bureau, schools=[staffed.two])
    job = await export(staffed.client, officer, "staff")
    rows = read_csv((await content(staffed.client, officer, job)).text)
    assert [row["staff_no"] for row in rows] == [f"T{n:02}" for n in range(1, 20, 2)]
    person_ = bearer("staff", bureau=staffed.bureau, staff_no="T03", schools=[staffed.two])
    job = await export(staffed.client, person_, "staff")
    rows = read_csv((await content(staffed.client, person_, job)).text)
    assert [row["staff_no"] for row in rows] == ["T03"]


async def test_an_export_demands_the_scope_of_its_list(staffed: County) -> None:
    auditor = bearer("auditor", bureau=None)
    answer = await begin(staffed.client, auditor, "staff")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope")
    assert "staff:read" in answer.json()["detail"]


async def test_platform_accounts_export_what_they_list(county: County) -> None:
    headers = bearer("system_admin", bureau=None)
    job = await export(county.client, headers, "bureaus", format="ndjson")
    listed = await county.client.get("/v1/bureaus?format=ndjson", headers=headers)
    assert job["state"] == "completed"
    assert (await content(county.client, headers, job)).content == listed.content


async def test_the_audit_trail_names_exports_and_downloads(
    staffed: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    headers = admin_of(staffed)
    await staffed.call("GET", "/v1/staff?format=csv&q=李")
    job = await export(staffed.client, headers, "staff")
    await content(staffed.client, headers, job, Range="bytes=5-9")
    trail = await admin.fetch(
        "select resource, row_id::text, changes::text, actor from schools.change_log "
        "where bureau_code = $1 and operation = 'access' and changes::text ~ 'export' "
        "order by position, id",
        staffed.bureau,
    )
    assert [tuple(row) for row in trail] == [
        ("staff", None, '{"action":"export","format":"csv"}', "tester"),
        (
            "staff",
            job["id"],
            '{"action":"export","state":"completed","format":"csv","rows":20}',
            "tester",
        ),
        ("staff", job["id"], '{"action":"export_download","first":5,"last":9}', "tester"),
    ]


async def test_a_file_that_was_changed_on_disk_is_not_given_out(
    staffed: County, data_dir: Path
) -> None:
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff")
    [file] = (data_dir / "exports").glob(f"{job['id']}.*")
    stored = file.read_bytes()
    file.write_bytes(stored[:-1] + bytes([stored[-1] ^ 1]))
    answer = await content(staffed.client, headers, job)
    assert (answer.status_code, answer.json()["code"]) == (410, "file.damaged")
    file.write_bytes(stored)
    assert (await content(staffed.client, headers, job)).status_code == 200


async def test_what_lies_on_disk_cannot_be_read(staffed: County, data_dir: Path) -> None:
    job = await export(staffed.client, admin_of(staffed), "staff")
    [file] = (data_dir / "exports").glob(f"{job['id']}.*")
    assert b"staff_no" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_expired_files_are_cleared_away(
    staffed: County, admin: "asyncpg.Connection[asyncpg.Record]", data_dir: Path
) -> None:
    headers = admin_of(staffed) | {"Idempotency-Key": f"expiring-{staffed.bureau}"}
    job = await export(staffed.client, headers, "staff")
    await admin.execute(
        "update schools.export_job set expires_at = now() - interval '1 minute' where id = $1",
        job["id"],
    )
    await clear()
    answer = await content(staffed.client, headers, job)
    assert (answer.status_code, answer.json()["code"]) == (410, "export.expired")
    assert list((data_dir / "exports").glob(f"{job['id']}.*")) == []
    job = await staffed.ok("GET", f"/v1/exports/{job['id']}")
    assert (job["state"], job["is_expired"]) == ("completed", True)
    again = await begin(staffed.client, headers, "staff")
    assert again.json()["id"] != job["id"], "with the file its key is given up"


_IN_QUEUE = """
select exists (select from schools.pgqueuer
    where convert_from(payload, 'UTF8')::jsonb #>> '{payload,export}' = $1::text)
"""


async def test_what_the_queue_has_given_up_ends_as_failed(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    job = await export(county.client, admin_of(county), "staff")
    async with asyncio.timeout(30):
        while await admin.fetchval(_IN_QUEUE, job["id"]):  # a moment longer than it takes
            await asyncio.sleep(0.02)
    await admin.execute(
        "update schools.export_job set state = 'running', finished_at = null, "
        "updated_at = now() - interval '6 minutes' where id = $1",
        job["id"],
    )
    await clear()
    job = await county.ok("GET", f"/v1/exports/{job['id']}")
    assert (job["state"], job["problem"]["code"]) == ("failed", "export.given_up")
    answer = await content(county.client, admin_of(county), job)
    assert (answer.status_code, answer.json()["code"]) == (409, "export.not_completed")


async def test_the_problem_of_a_failed_export_is_told_in_both_languages(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.files.workbook.MAX_ROWS", 5)
    headers = admin_of(staffed)
    job = await export(staffed.client, headers, "staff", format="xlsx")
    assert (job["state"], job["rows"], job["sha256"]) == ("failed", None, None)
    assert job["problem"]["code"] == "platform.export_too_large"
    assert job["problem"]["title"] == "超出工作表行数"
    english = headers | {"Accept-Language": "en"}
    answer = await staffed.client.get(f"/v1/exports/{job['id']}", headers=english)
    assert answer.json()["problem"]["title"] == "Too many rows for a worksheet"


async def clear() -> None:
    """Run the periodic job."""
    await clear_operations(app.state.resources[Exports])
