"""Looking up, revealing, copying, restricting and erasing a person's data, by three callers."""

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from services.chassis.lists.worded import in_language
from services.chassis.subject_access.holdings import Holding
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.id_number_reports.queries import REPORTS
from services.schools.staff.queries import STAFF
from tests.schools.county import County, assignment, codes, id_number, ndjson_of, person, school
from tests.support.importing import counts
from tests.support.tokens import bearer, claims, sign

REASON = {"reason": "本人申请"}
_OTHERS = ("school_head", "school_officer", "staff", "supervisor", "bureau_leader", "integration")


@pytest.fixture
async def somebody(county: County) -> dict[str, Any]:
    """A person at the first school."""
    created: dict[str, Any] = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    return created


@pytest.fixture
async def left(county: County) -> dict[str, Any]:
    """Somebody who left long ago."""
    body = person("T9", county.one, 5009, left_on="2012-02-29", status="left", name="王小明")
    created: dict[str, Any] = await county.ok("POST", "/v1/staff", json=body)
    return created


async def stranger(county: County) -> County:
    """Another bureau with a school."""
    other = County(county.client, f"{int(county.bureau) + 100_000}")
    await other.ok("POST", "/v1/schools", json=school(other.one))
    return other


async def trail(
    admin: "asyncpg.Connection[asyncpg.Record]", county: County
) -> list[tuple[str, str | None, str]]:
    """What was done with single records, by audit: action, staff number, actor."""
    rows = await admin.fetch(
        "select changes::text as changes, natural_key, actor from schools.change_log "
        "where bureau_code = $1 and operation = 'access' "
        "and changes ->> 'action' not in ('refused', 'import_begin', 'import') order by id",
        county.bureau,
    )
    return [(json.loads(r["changes"])["action"], r["natural_key"], r["actor"]) for r in rows]


async def log_of(admin: "asyncpg.Connection[asyncpg.Record]", county: County) -> str:
    """Everything that the change log says of a bureau."""
    rows = await admin.fetch(
        "select to_jsonb(c)::text as entry from schools.change_log c where bureau_code = $1",
        county.bureau,
    )
    return "\n".join(row["entry"] for row in rows)


def calls(staff_id: str) -> list[tuple[str, str, dict[str, str] | None]]:
    return [
        ("POST", "/v1/staff:search", {"id_number": id_number(1)}),
        ("POST", f"/v1/staff/{staff_id}:reveal", {"purpose": "社保核对"}),
        ("GET", f"/v1/staff/{staff_id}/personal-data", None),
        ("POST", f"/v1/staff/{staff_id}:restrict", REASON),
        ("POST", f"/v1/staff/{staff_id}:unrestrict", REASON),
        ("POST", f"/v1/staff/{staff_id}:erase", REASON),
    ]


async def test_only_who_answers_for_personal_data_may(
    county: County, somebody: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    other = await stranger(county)
    for method, path, body in calls(somebody["id"]):
        nobody = await county.client.request(method, path, json=body)
        assert nobody.status_code == 401
        for role in _OTHERS:
            refused = await county.call(
                method, path, role=role, json=body, subject={"staff_no": "T1"}
            )
            assert (refused.status_code, refused.json()["code"]) == (403, "auth.missing_scope")
        foreign = await other.call(method, path, json=body)
        if path == "/v1/staff:search":
            assert foreign.json() == {"data": [], "reports": []}
        else:
            assert (foreign.status_code, foreign.json()["code"]) == (404, "schools.staff_not_found")
        elsewhere = await county.call(method, path, json=body, subject={"schools": [county.two]})
        assert elsewhere.status_code == (200 if path == "/v1/staff:search" else 404)
        assert id_number(1) not in refused.text + foreign.text + elsewhere.text
    assert {action for action, *_ in await trail(admin, county)} == {"search"}


@pytest.mark.parametrize("written", ["plain", "full-width", "spaced"])
async def test_search_finds_every_way_of_writing_the_number(
    county: County,
    somebody: dict[str, Any],
    admin: "asyncpg.Connection[asyncpg.Record]",
    written: str,
) -> None:
    number = id_number(1)
    given = {
        "plain": number,
        "full-width": "".join(chr(ord(c) + 0xFEE0) for c in number),
        "spaced": f" {number} ",
    }[written]
    found = await county.call("POST", "/v1/staff:search", json={"id_number": given})
    assert [row["id"] for row in found.json()["data"]] == [somebody["id"]]
    assert found.headers["cache-control"] == "no-store"
    assert number not in found.text
    nobody = await county.ok("POST", "/v1/staff:search", json={"id_number": id_number(2)})
    assert nobody == {"data": [], "reports": []}
    wrong = await county.call("POST", "/v1/staff:search", json={"id_number": number[:-1] + "?"})
    assert codes(wrong) == [("/id_number", "id_number.form")]
    assert number[:-1] not in wrong.text
    assert await trail(admin, county) == [("search", "T1", "tester"), ("search", None, "tester")]
    assert number not in await log_of(admin, county)


async def test_an_old_number_finds_the_new_one(county: County) -> None:
    old = "620123850101123"
    made = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1, id_number=old))
    assert made["birth_date"] == "1985-01-01"
    again = person("T2", county.one, 1, id_number=old)
    assert (await county.call("POST", "/v1/staff", json=again)).status_code == 409
    shown = await county.ok("POST", f"/v1/staff/{made['id']}:reveal", json={"purpose": "核对"})
    assert shown["id_number"].startswith("62012319850101123")
    found = await county.ok("POST", "/v1/staff:search", json={"id_number": shown["id_number"]})
    assert len(found["data"]) == 1


async def test_every_look_is_audited_with_its_purpose(
    county: County, somebody: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    path = f"/v1/staff/{somebody['id']}:reveal"
    for purpose in ("社保核对", "职称申报"):
        answer = await county.call("POST", path, json={"purpose": purpose})
        assert answer.json() == {"staff_no": "T1", "id_number": id_number(1)}
        assert answer.headers["cache-control"] == "no-store"
    assert codes(await county.call("POST", path, json={})) == [("/purpose", "missing")]
    assert await trail(admin, county) == [("reveal", "T1", "tester")] * 2
    log = await log_of(admin, county)
    assert "社保核对" in log
    assert id_number(1) not in log


async def test_no_answer_shown_in_full_is_kept(
    county: County, somebody: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    path = f"/v1/staff/{somebody['id']}:reveal"
    kept = "select count(*) from schools.idempotency"
    before = await admin.fetchval(kept)
    for _ in range(2):
        shown = await county.ok("POST", path, json={"purpose": "核对"}, headers=key)
        assert shown["id_number"] == id_number(1)
    assert len(await trail(admin, county)) == 2
    assert await admin.fetchval(kept) == before


@pytest.mark.quick("services.schools.personal_data")
async def test_a_copy_of_everything(
    county: County, somebody: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await county.ok("PATCH", "/v1/staff/by-key/T1", json={"duty": "校长"})
    path = f"/v1/staff/{somebody['id']}"
    await county.ok("POST", f"{path}:reveal", json={"purpose": "核对"})
    answer = await county.call("GET", f"{path}/personal-data")
    assert answer.headers["content-disposition"] == 'attachment; filename="staff-T1.json"'
    copy = answer.json()
    assert copy["person"]["id_number"] == id_number(1)
    assert copy["person"]["school_name"] == school(county.one)["name"]
    assert copy["person"].keys() >= somebody.keys()
    assert [event["operation"] for event in copy["events"]] == ["insert", "update", "access"]
    assert copy["events"][1]["detail"]["duty"] == [None, "校长"]
    assert [action for action, *_ in await trail(admin, county)] == ["reveal", "export"]


@pytest.mark.parametrize("service", ["appraisal", "accountability", "gateway"])
async def test_every_name_elsewhere_is_one_of_those_places(
    admin: "asyncpg.Connection[asyncpg.Record]", service: str
) -> None:
    """A new table with names of persons has to be told of, in the copy and in docs/security.md."""
    named = await admin.fetch(
        "select table_name || '.' || column_name as place from information_schema.columns "
        "where table_schema = $1 and table_name !~ '^(pgqueuer|alembic|import_|export_)' "
        "and (column_name ~ '(^|_)name$') order by 1",
        service,
    )
    of_persons = {
        "appraisal": {"participant.name"},
        "accountability": {"respondent.name"},
        "gateway": {"account.display_name"},
    }
    # Of cycles, rule sets, schools and programs; and logins.
    others = {
        "appraisal": {"cycle.name", "participant.school_name", "rule_set.name"}
        | {"school_quota.school_name"},
        "accountability": {"case_event.actor_name", "case_file.school_name"}
        | {"case_text.actor_name"},
        "gateway": {"client.name"},
    }
    assert {row["place"] for row in named} - others[service] == of_persons[service]


@pytest.mark.parametrize("service", ["schools", "appraisal", "accountability", "gateway"])
async def test_every_table_with_a_staff_number_is_part_of_the_file(
    admin: "asyncpg.Connection[asyncpg.Record]", service: str
) -> None:
    tables = await admin.fetch(
        "select table_name as name from information_schema.columns "
        "where table_schema = $1 and column_name = 'staff_no' and table_name !~ '^import_'",
        service,
    )
    if service == "schools":
        found = {STAFF.table, ASSIGNMENTS.table, REPORTS.table}
    else:
        package = "gateway" if service == "gateway" else f"services.{service}"
        holdings: Sequence[Holding] = import_module(f"{package}.features").SERVICE.held
        found = {in_language(one.listing, "zh-CN").table for one in holdings}
    assert {row["name"] for row in tables} - found == set()


async def seen_by(county: County, **subject: Any) -> set[int]:
    """The statuses with which somebody reads T1: by id, by number, in the list, in an export."""
    role = subject.pop("role", "bureau_admin")
    headers = bearer(role, bureau=county.bureau, **subject)
    client: httpx.AsyncClient = county.client
    read = await client.get("/v1/staff/by-key/T1", headers=headers)
    listed = await client.get("/v1/staff", headers=headers)
    exported = await client.get("/v1/staff?format=ndjson", headers=headers)
    assert listed.is_success
    assert exported.is_success
    seen = {'"T1"' in text for text in (listed.text, exported.text)}
    assert seen == {read.is_success}
    return {read.status_code}


async def test_a_restricted_person_is_kept_and_not_used(
    county: County, somebody: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    path = f"/v1/staff/{somebody['id']}"
    first = await county.ok("POST", f"{path}:restrict", json=REASON)
    assert first["restricted_at"].endswith("+08:00")
    assert await county.ok("POST", f"{path}:restrict", json=REASON) == first
    for role in ("supervisor", "bureau_leader", "school_head", "school_officer", "integration"):
        assert await seen_by(county, role=role) == {404}
    assert await seen_by(county) == {200}
    assert await seen_by(county, role="staff", staff_no="T1") == {200}
    restricted = await county.all("/v1/staff", restricted="yes")
    assert [row["staff_no"] for row in restricted] == ["T1"]
    for method, body in (("PATCH", {"duty": "校长"}), ("PUT", person("T1", county.one, 1))):
        answer = await county.call(method, "/v1/staff/by-key/T1", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_restricted")
    same = ndjson_of([person("T1", county.one, 1)])
    assert counts(await county.load("staff", same, "rows.ndjson")) == (0, 0, 1, 0)
    rows = [person("T1", county.one, 1, duty="校长"), person("T2", county.one, 2)]
    refused = await county.load("staff", ndjson_of(rows), "rows.ndjson")
    assert refused["faults"] == [(1, "staff_no", "staff.restricted")]
    assert await county.ok("POST", f"{path}:unrestrict", json=REASON) == {
        "staff_no": "T1",
        "restricted_at": None,
        "erased_at": None,
    }
    assert await seen_by(county, role="supervisor") == {200}
    again = await county.call("POST", f"{path}:unrestrict", json=REASON)
    assert (again.status_code, again.json()["code"]) == (409, "schools.staff_not_restricted")
    actions = [action for action, number, _ in await trail(admin, county) if number]
    assert actions == ["restrict", "unrestrict"]
    found = await admin.fetchval(
        "select changes::text from schools.change_log where bureau_code = $1 "
        "and operation = 'update' order by id limit 1",
        county.bureau,
    )
    assert "restricted_at" in found
    assert REASON["reason"] not in found


async def answers_about(county: County, staff_no: str, serial: int, **who: Any) -> list[Any]:
    """What somebody is told who writes, or has written, what may be there and may be not."""
    body = person(staff_no, county.one, serial, duty="校长")
    at = assignment(staff_no, county.one)
    found: list[Any] = []
    for method, path, content in (
        ("PUT", f"/v1/staff/by-key/{staff_no}", body),
        ("PATCH", f"/v1/staff/by-key/{staff_no}", {"duty": "校长"}),
        ("POST", "/v1/staff", body),
        ("POST", "/v1/staff", body | {"staff_no": f"{staff_no}8"}),
        ("POST", "/v1/assignments", at),
    ):
        answer = await county.call(method, path, json=content, **who)
        problem = {name: answer.json().get(name) for name in ("code", "title", "detail", "version")}
        problem["status"] = answer.status_code
        found.append(problem | {"errors": [f["code"] for f in answer.json().get("errors", [])]})
    for resource, row in (
        ("staff", body),
        ("staff", body | {"staff_no": f"{staff_no}9-"}),
        ("staff", person(staff_no, county.one, serial)),
        ("assignments", at),
    ):
        for operation in ("upsert", "insert"):
            # Somebody new each time, though with the number of who may be there.
            another = row["staff_no"] + (operation if row["staff_no"].endswith("-") else "")
            rows = ndjson_of([row | {"staff_no": another}])
            job = await county.load(resource, rows, "rows.ndjson", operation=operation, **who)
            found.append((job["state"], counts(job), job["faults"]))
    return [str(one).replace(staff_no, "T_") for one in found]


@pytest.mark.parametrize("role", ["school_officer", "integration"])
async def test_a_restricted_person_is_met_as_somebody_out_of_sight(
    county: County, somebody: dict[str, Any], role: str
) -> None:
    """Neither from the API nor from an import does one learn that there is such a person."""
    who: dict[str, Any] = {"role": role}
    if role == "school_officer":
        who["subject"] = {"schools": [county.one]}
    await county.ok("POST", f"/v1/staff/{somebody['id']}:restrict", json=REASON)
    restricted = await answers_about(county, "T1", 1, **who)
    assert not [one for one in restricted if "restricted" in one or "exists" in one]
    assert "schools.staff_taken" in restricted[0]
    assert "schools.staff_not_found" in restricted[1]
    assert "staff.unknown" in restricted[4]
    if role == "school_officer":
        await county.ok("POST", "/v1/staff", json=person("T2", county.two, 2))
        assert restricted == await answers_about(county, "T2", 2, **who)
    copy = await county.ok("GET", f"/v1/staff/{somebody['id']}")
    assert (copy["duty"], copy["version"]) == (None, 2)


async def test_a_replacing_file_lets_nobody_leave_who_is_restricted(
    county: County, somebody: dict[str, Any]
) -> None:
    await county.ok("POST", f"/v1/staff/{somebody['id']}:restrict", json=REASON)
    rows = [person("T2", county.one, 2)]
    job = await county.load("staff", ndjson_of(rows), "rows.ndjson", operation="replace")
    assert job["state"] == "completed"
    assert (await county.ok("GET", "/v1/staff/by-key/T1"))["status"] == "active"


async def test_the_appraisal_still_counts_a_restricted_person(
    county: County, somebody: dict[str, Any]
) -> None:
    await county.ok("POST", f"/v1/staff/{somebody['id']}:restrict", json=REASON)
    token = claims(
        bureau=county.bureau, scopes=["staff:read", "schools:read"], name="service-appraisal"
    ) | {"kind": "client"}
    headers = {"Authorization": f"Bearer {sign(token)}"}
    roster = await county.client.get("/v1/staff?format=ndjson", headers=headers)
    assert [json.loads(line)["staff_no"] for line in roster.text.splitlines()] == ["T1"]
    # Who asks for somebody who does not see the record leaves it out.
    others = await county.client.get("/v1/staff?restricted=no&staff_no=T1", headers=headers)
    assert others.json()["data"] == []


@pytest.mark.parametrize("left_on", [None, "2020-06-30"])
async def test_what_the_law_wants_kept_is_not_erased(county: County, left_on: str | None) -> None:
    changes = {"left_on": left_on, "status": "left"} if left_on else {}
    made = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1, **changes))
    answer = await county.call("POST", f"/v1/staff/{made['id']}:erase", json=REASON)
    assert (answer.status_code, answer.json()["code"]) == (409, "schools.must_be_kept")
    assert ("2030-06-30" if left_on else "—") in answer.json()["detail"]
    assert await seen_by(county) == {200}


async def test_erased_for_good(
    county: County, left: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    path = f"/v1/staff/{left['id']}"
    before = await admin.fetchrow("select * from schools.staff where id = $1", UUID(left["id"]))
    done = await county.ok("POST", f"{path}:erase", json=REASON)
    assert done["erased_at"]
    assert done["restricted_at"]
    assert await county.ok("POST", f"{path}:erase", json=REASON) == done
    after = await admin.fetchrow("select * from schools.staff where id = $1", UUID(left["id"]))
    assert before is not None
    assert after is not None
    assert after["staff_no"] == "T9"
    for column in ("name", "id_number_cipher", "id_number_index", "birth_date"):
        assert after[column] != before[column]
    entry = await admin.fetchval(
        "select changes::text from schools.change_log where row_id = $1 and operation = 'update'",
        UUID(left["id"]),
    )
    assert "王小明" not in entry
    assert left["birth_date"] not in entry
    assert "erased_at" in entry
    found = await county.ok("POST", "/v1/staff:search", json={"id_number": id_number(5009)})
    assert found == {"data": [], "reports": []}
    for verb, body in (("reveal", {"purpose": "核对"}), ("unrestrict", REASON)):
        answer = await county.call("POST", f"{path}:{verb}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_erased")
    copy = await county.ok("GET", f"{path}/personal-data")
    assert (copy["person"]["name"], copy["person"]["id_number"]) == ("(已删除)", None)
    # The number is free: the same person may come back under a new staff number.
    await county.ok("POST", "/v1/staff", json=person("T10", county.one, 5009))
    assert [action for action, *_ in await trail(admin, county)] == ["erase", "search", "export"]


async def test_a_precondition_is_honoured(county: County, left: dict[str, Any]) -> None:
    stale = {"If-Match": '"7"'}
    for verb in ("restrict", "erase"):
        path = f"/v1/staff/{left['id']}:{verb}"
        answer = await county.call("POST", path, json=REASON, headers=stale)
        assert answer.status_code == 412
