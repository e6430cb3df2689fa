"""Values of a person that the change log holds and no longer tells."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.chassis.audit.seal_check import verify
from services.chassis.audit.sealing import seal
from services.chassis.database.db import Database
from services.schools.main import app
from services.schools.migrations.versions import s008_withheld as s008
from services.schools.migrations.versions import s009_hidden_assignments as s009
from tests.changes.copying import Copy, settled, without_nulls
from tests.schools.county import County, assignment, person
from tests.support.tokens import bearer

REASON = {"reason": "本人申请"}
_SHOWN = (
    "name",
    "school_code",
    "post_category",
    "employed_on",
    "left_on",
    "status",
    "gender",
    "birth_date",
)


@pytest.fixture
async def copy(county: County) -> Copy:
    """An integrator at the beginning of the feed."""
    return Copy(county.client, county.bureau)


@pytest.fixture
async def left(county: County) -> dict[str, Any]:
    """Somebody who came, got another name, and left long ago, with answers stored of all that."""
    # The name is nobody else's: in every test, the bureau is another one.
    body = person("T9", county.one, 5009, name=f"王小明{county.bureau}", duty="班主任")
    created: dict[str, Any] = await county.ok("POST", "/v1/staff", json=body, headers=key())
    body = assignment("T9", county.one, starts_on="2010-09-01", ends_on="2012-01-31")
    await county.ok("POST", "/v1/assignments", json=body, headers=key())
    await county.ok("PATCH", "/v1/staff/by-key/T9", json={"name": "王晓明", "duty": None})
    gone = {"left_on": "2012-02-29", "status": "left"}
    await county.ok("PATCH", "/v1/staff/by-key/T9", json=gone)
    return created


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def visible_past(county: County, staff_id: str) -> dict[str, str]:
    """All that is told of somebody's past, by route."""
    copy = Copy(county.client, county.bureau)
    await copy.catch_up()
    history = await county.call("GET", f"/v1/staff/{staff_id}/history")
    whole = await county.call("GET", f"/v1/staff/{staff_id}/personal-data")
    feed = [change for change in copy.seen if change["id"] == staff_id]
    return {"feed": str(feed), "history": history.text, "personal-data": whole.text}


async def table(admin: "asyncpg.Connection[asyncpg.Record]", staff_id: str) -> dict[str, Any]:
    """The person's row as the feed tells rows."""
    row = await admin.fetchrow("select * from schools.staff where id = $1", UUID(staff_id))
    assert row is not None
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name in _SHOWN
    }


async def test_nothing_tells_what_was_erased(county: County, left: dict[str, Any]) -> None:
    before = await visible_past(county, left["id"])
    for route, text in before.items():
        assert "王小明" in text, route
        assert left["birth_date"] in text, route
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON)
    after = await visible_past(county, left["id"])
    for route, text in after.items():
        for value in ("王小明", "王晓明", "班主任", "620123*", left["birth_date"]):
            assert value not in text, (route, value)
    history = (await county.ok("GET", f"/v1/staff/{left['id']}/history"))["data"]
    assert [entry["operation"] for entry in history] == ["update"] * 3 + ["insert"]
    assert history[-1]["changes"]["name"] == [None, "***"]
    assert history[-2]["changes"]["name"] == ["***", "***"]
    assert history[0]["changes"]["name"] == ["***", "(已删除)"]


async def test_a_replay_from_zero_is_the_table_after_an_erasure(
    county: County, copy: Copy, left: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await county.ok("POST", "/v1/staff", json=person("T10", county.one, 1))
    early = Copy(county.client, county.bureau, limit=2)
    await early.catch_up()
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON)
    await county.ok("PATCH", "/v1/staff/by-key/T10", json={"duty": "校长"})
    await copy.catch_up()
    await early.catch_up()
    expected = await table(admin, left["id"])
    assert expected["name"] == "(已删除)"
    for one in (copy, early):
        row = one.rows["staff"][left["id"]]
        assert {name: row.get(name) for name in _SHOWN} == expected
    whole = [without_nulls(row) for row in copy.rows["staff"].values()]
    assert whole == [without_nulls(row) for row in early.rows["staff"].values()]
    assert [row["duty"] for row in whole if row["staff_no"] == "T10"] == ["校长"]


async def test_stored_answers_go_with_the_person(
    county: County, left: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    body, again = person("T10", county.one, 1), key()
    other = await county.ok("POST", "/v1/staff", json=body, headers=again)
    (role,) = (await county.ok("GET", "/v1/assignments"))["data"]
    count = "select count(*) from schools.idempotency where $1::text::uuid = any(about)"
    ids = [left["id"], role["id"], other["id"]]
    assert [await admin.fetchval(count, one) for one in ids] == [1, 1, 1]
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON, headers=key())
    assert [await admin.fetchval(count, one) for one in ids] == [0, 0, 1]
    repeated = await county.call("POST", "/v1/staff", json=body, headers=again)
    assert (repeated.status_code, repeated.json()) == (201, other)


async def test_who_was_restricted_or_erased_before_is_withheld_as_well(
    county: County, left: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The migration comes to the same as the routes since."""
    kept = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    for verb in ("restrict", "unrestrict", "restrict"):
        await county.ok("POST", f"/v1/staff/{kept['id']}:{verb}", json=REASON)
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON)
    withheld = (
        "select row_id, bureau_code, instead::text, seen_with, xid::text "
        "from schools.change_withheld where bureau_code = $1 and not hides_entries order by row_id"
    )
    made = await admin.fetch(withheld, county.bureau)
    await admin.execute("delete from schools.change_withheld where bureau_code = $1", county.bureau)
    await admin.execute(s008._WITHHOLD)
    assert [tuple(row) for row in await admin.fetch(withheld, county.bureau)] == [
        tuple(row) for row in made
    ]
    assert [row["seen_with"] for row in made] == [None, "staff:pii"]


async def test_the_log_is_as_it_was_sealed(county: County, left: dict[str, Any]) -> None:
    await seal(app.state.resources[Database])
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON)
    await seal(app.state.resources[Database])
    assert (await verify(app.state.resources[Database])).is_intact


async def test_a_restricted_persons_values_are_told_to_whoever_sees_the_row(
    county: County, copy: Copy
) -> None:
    made = await county.ok(
        "POST", "/v1/staff", json=person("T1", county.one, 1, name="王小明", duty="班主任")
    )
    path = f"/v1/staff/{made['id']}"
    await county.ok("POST", f"{path}:restrict", json=REASON)
    await copy.catch_up()
    for value in ("王小明", "班主任", made["birth_date"]):
        assert value not in str(copy.seen), value
    restricting = copy.seen[-1]["changes"]
    assert restricting["name"] == ["***", "***"]
    assert restricting["restricted_at"][1], "so that a copy can follow"
    hidden = await county.call("GET", f"{path}/history", role="integration")
    assert hidden.status_code == 404
    for role, subject in (("bureau_admin", {}), ("staff", {"staff_no": "T1"})):
        history = await county.ok("GET", f"{path}/history", role=role, subject=subject)
        assert history["data"][-1]["changes"]["name"] == [None, "王小明"]
    full = Copy(county.client, county.bureau)
    full.headers = bearer("bureau_admin", bureau=county.bureau)
    await full.catch_up()
    assert full.rows["staff"][made["id"]]["name"] == "王小明"
    await county.ok("POST", f"{path}:unrestrict", json=REASON)
    again = Copy(county.client, county.bureau)
    await again.catch_up()
    assert again.rows["staff"][made["id"]]["name"] == "王小明"


async def test_the_feed_leaves_out_the_assignments_that_its_reader_does_not_see(
    county: County, copy: Copy
) -> None:
    """Their keys alone tell where a restricted person works: like lists, the feed has none."""
    made = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    for staff_no in ("T1", "T2"):
        if staff_no == "T2":
            await county.ok("POST", "/v1/staff", json=person("T2", county.one, 2))
        await county.ok("POST", "/v1/assignments", json=assignment(staff_no, county.one))
    gone = assignment("T1", county.one, starts_on="2019-09-01", ends_on="2020-07-31")
    gone = await county.ok("POST", "/v1/assignments", json=gone)
    await county.call("DELETE", f"/v1/assignments/{gone['id']}")
    path = f"/v1/staff/{made['id']}"
    await county.ok("POST", f"{path}:restrict", json=REASON)
    another = await county.call("POST", "/v1/assignments", json=assignment("T1", county.two))
    assert another.status_code == 409, "nothing new comes of somebody who is only kept"
    await copy.catch_up()
    of_feed = {row["staff_no"] for row in copy.rows["assignments"].values()}
    listed = await county.ok("GET", "/v1/assignments", role="integration")
    assert of_feed == {row["staff_no"] for row in listed["data"]} == {"T2"}
    assert f"T1/{county.one}" not in str(copy.seen)
    full = Copy(county.client, county.bureau)
    full.headers = bearer("bureau_admin", bureau=county.bureau)
    await full.catch_up()
    assert {row["staff_no"] for row in full.rows["assignments"].values()} == {"T1", "T2"}
    await county.ok("POST", f"{path}:unrestrict", json=REASON)
    again = Copy(county.client, county.bureau)
    await again.catch_up()
    assert {row["staff_no"] for row in again.rows["assignments"].values()} == {"T1", "T2"}
    assert gone["id"] in str(again.seen)


async def test_assignments_of_who_was_restricted_before_are_left_out_as_well(
    county: County, left: dict[str, Any], admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The migration comes to the same as the routes since."""
    await county.ok("POST", f"/v1/staff/{left['id']}:erase", json=REASON)
    hidden = (
        "select row_id, bureau_code, seen_with from schools.change_withheld "
        "where bureau_code = $1 and hides_entries order by row_id"
    )
    made = [tuple(row) for row in await admin.fetch(hidden, county.bureau)]
    assert len(made) == 1
    await admin.execute(
        "delete from schools.change_withheld where bureau_code = $1 and hides_entries",
        county.bureau,
    )
    await admin.execute(s009._HIDE)
    assert [tuple(row) for row in await admin.fetch(hidden, county.bureau)] == made


async def test_masks_of_before_are_told_to_nobody(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Entries of before s011 hold masks that show the area and the check digit."""
    made = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    row = {"staff_no": "T1", "name": "王小明", "id_number_masked": "620123***********1"}
    changed = {
        "name": ["王小明", "王晓明"],
        "id_number_masked": [row["id_number_masked"], "62***X"],
    }
    for operation, changes in (("insert", row), ("update", changed), ("delete", row)):
        await admin.execute(
            "insert into schools.change_log (bureau_code, operation, resource, row_id, "
            "natural_key, changes) values ($1, $2, 'staff', $3, 'T1', $4::text::json)",
            county.bureau,
            operation,
            UUID(made["id"]),
            json.dumps(changes, ensure_ascii=False),
        )
    await settled()
    headers = bearer("integration", bureau=county.bureau)
    fed = await county.client.get("/v1/changes?resource=staff", headers=headers)
    assert [one["operation"] for one in fed.json()["data"]] == [
        "insert", "insert", "update", "delete",
    ]  # fmt: skip
    history = await county.call("GET", f"/v1/staff/{made['id']}/history")
    whole = await county.call("GET", f"/v1/staff/{made['id']}/personal-data")
    for text in (fed.text, history.text, str(whole.json()["events"])):
        assert "王晓明" in text
        assert "id_number_masked" not in text
        assert "62***X" not in text
