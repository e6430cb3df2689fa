"""Who did what: the audit trail, the history of a record, and who may read them."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from gateway.main import app as gateway
from services.chassis.audit.log import record
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from services.schools.main import app
from tests.changes.copying import Copy
from tests.changes.test_feed import ok
from tests.changes.writers import code
from tests.schools.county import person, school
from tests.support.running import running
from tests.support.tokens import bearer

AUDITOR = bearer("auditor", bureau=None, name="auditor")


async def events(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit-events", params=params, headers=AUDITOR)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


@pytest.fixture
async def school_id(client: httpx.AsyncClient, bureau: str) -> str:
    """A school that was created and renamed twice."""
    at = code(bureau, 1)
    created = await ok(client, "POST", "/v1/schools", bureau, json=school(at, name="一"))
    for name in ("二", "三"):
        await ok(client, "PATCH", f"/v1/schools/by-key/{at}", bureau, json={"name": name})
    return str(created["id"])


async def test_who_did_what_to_a_record(
    client: httpx.AsyncClient, bureau: str, school_id: str
) -> None:
    found = await events(client, key=code(bureau, 1))
    assert [event["operation"] for event in found] == ["update", "update", "insert"]
    assert {event["row_id"] for event in found} == {school_id}
    assert {event["actor"] for event in found} == {"tester"}
    assert found[0]["columns"] == ["name", "updated_at", "version"]
    assert "三" not in str(found), "no values"
    assert await events(client, row_id=school_id) == found
    assert await events(client, bureau_code=bureau, resource="schools", actor="tester") == found
    assert await events(client, bureau_code=bureau, operation="insert") == found[2:]
    assert await events(client, bureau_code=bureau, actor="nobody") == []
    assert await events(client, bureau_code=bureau, at_lt=found[2]["at"]) == []
    assert await events(client, bureau_code=bureau, at_gte=found[0]["at"]) == found[:1]


async def test_the_trail_is_paged(client: httpx.AsyncClient, bureau: str, school_id: str) -> None:
    params: dict[str, Any] = {"row_id": school_id, "limit": 2}
    first = (await client.get("/v1/audit-events", params=params, headers=AUDITOR)).json()
    params["cursor"] = first["next_cursor"]
    second = (await client.get("/v1/audit-events", params=params, headers=AUDITOR)).json()
    assert (len(first["data"]), len(second["data"]), second["next_cursor"]) == (2, 1, None)
    params["actor"] = "x"
    answer = await client.get("/v1/audit-events", params=params, headers=AUDITOR)
    assert answer.json()["code"] == "platform.cursor_invalid"


async def test_a_sensitive_read_is_on_the_trail_and_not_in_the_feed(
    client: httpx.AsyncClient, bureau: str
) -> None:
    caller = await app.state.resources[TokenVerifier].verify(
        bearer("bureau_admin", bureau=bureau, name="li.na")["Authorization"].split()[1]
    )
    row = uuid4()
    async with app.state.resources[Database].connection(caller) as connection:
        await record(connection, caller, "reveal", "staff", row, "T1", {"reason": "核对"})
    async with app.state.resources[Database].session(caller) as session:
        await record(session, caller, "export", "staff", detail={"rows": 3})
    export, reveal = await events(client, bureau_code=bureau, operation="access")
    assert reveal["detail"] == {"action": "reveal", "reason": "核对"}
    assert (reveal["actor"], reveal["row_id"], reveal["key"]) == ("li.na", str(row), "T1")
    assert (export["detail"], export["row_id"]) == ({"action": "export", "rows": 3}, None)
    copy = Copy(client, bureau)
    await copy.catch_up()
    assert copy.seen == []


async def test_a_refusal_is_on_the_trail(client: httpx.AsyncClient, bureau: str) -> None:
    head = bearer("school_head", bureau=bureau, schools=[code(bureau, 1)], name="head")
    answer = await client.post("/v1/schools", json={}, headers=head)
    assert answer.status_code == 403
    (refused,) = await events(client, bureau_code=bureau)
    assert (refused["actor"], refused["operation"], refused["resource"]) == (
        "head",
        "access",
        "schools",
    )
    assert refused["detail"] == {
        "action": "refused",
        "scope": "schools:write",
        "method": "POST",
        "path": "/v1/schools",
    }


async def test_a_record_of_what_was_rolled_back_is_not_kept(
    client: httpx.AsyncClient, bureau: str
) -> None:
    caller = await app.state.resources[TokenVerifier].verify(
        bearer("bureau_admin", bureau=bureau)["Authorization"].split()[1]
    )
    with suppress(LookupError):
        async with app.state.resources[Database].connection(caller) as connection:
            await record(connection, caller, "reveal", "staff")
            raise LookupError
    assert await events(client, bureau_code=bureau) == []


async def test_the_history_of_a_record(
    client: httpx.AsyncClient, bureau: str, school_id: str
) -> None:
    path = f"/v1/schools/{school_id}/history"
    page = await ok(client, "GET", path, bureau, params={"limit": 2})
    assert [entry["changes"]["name"] for entry in page["data"]] == [["二", "三"], ["一", "二"]]
    rest = await ok(client, "GET", path, bureau, params={"limit": 2, "cursor": page["next_cursor"]})
    assert [entry["changes"]["name"] for entry in rest["data"]] == [[None, "一"]]
    assert rest["next_cursor"] is None


async def test_the_history_is_for_those_who_may_read_the_record(
    client: httpx.AsyncClient, bureau: str, school_id: str
) -> None:
    path = f"/v1/schools/{school_id}/history"
    own = bearer("school_head", bureau=bureau, schools=[code(bureau, 1)])
    assert len((await client.get(path, headers=own)).json()["data"]) == 3
    for other in (
        bearer("school_head", bureau=bureau, schools=[code(bureau, 2)]),
        bearer("bureau_admin", bureau="999999"),
    ):
        answer = await client.get(path, headers=other)
        assert answer.status_code == 404


async def test_a_person_reads_the_own_history(client: httpx.AsyncClient, bureau: str) -> None:
    at = code(bureau, 1)
    await ok(client, "POST", "/v1/schools", bureau, json=school(at))
    ids = {}
    for number, staff_no in enumerate(("T1", "T2"), 1):
        body = person(staff_no, at, number)
        ids[staff_no] = (await ok(client, "POST", "/v1/staff", bureau, json=body))["id"]
    own = bearer("staff", bureau=bureau, staff_no="T1")
    answer = await client.get(f"/v1/staff/{ids['T1']}/history", headers=own)
    (entry,) = answer.json()["data"]
    assert entry["changes"]["id_number_cipher"] == [None, "***"]
    answer = await client.get(f"/v1/staff/{ids['T2']}/history", headers=own)
    assert answer.status_code == 404


@pytest.fixture
async def identity() -> AsyncIterator[httpx.AsyncClient]:
    async with running(gateway) as client:
        yield client


async def test_accounts_are_followed_without_their_passwords(
    identity: httpx.AsyncClient, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    name = f"who-{uuid4().hex[:8]}"
    body = {"username": name, "display_name": "某人", "password": "correct horse battery 9"}
    system = bearer("system_admin", bureau=None, name="sysadmin")
    answer = await identity.post("/v1/accounts", json=body, headers=system)
    assert answer.status_code == 201, answer.text
    (event,) = await events(identity, key=name)
    assert (event["actor"], event["resource"]) == ("sysadmin", "accounts")
    assert "password_hash" in event["columns"]
    logged = await admin.fetchval(
        "select changes ->> 'password_hash' from gateway.change_log where natural_key = $1", name
    )
    assert logged == "***"


@pytest.mark.quick("services.chassis.audit")
async def test_the_trail_can_be_verified_over_http(identity: httpx.AsyncClient) -> None:
    answer = await identity.post("/v1/audit:verify", headers=AUDITOR)
    assert answer.status_code == 200
    assert answer.json().keys() == {"sealed_rows", "seals", "head", "is_intact", "first_fault"}


async def test_a_head_that_was_noted_is_looked_for(identity: httpx.AsyncClient) -> None:
    async def verified(**body: str) -> httpx.Response:
        return await identity.post("/v1/audit:verify", json=body, headers=AUDITOR)

    head = (await identity.post("/v1/audit:verify", headers=AUDITOR)).json()["head"]
    assert (await verified(since=head)).json()["is_intact"]
    other = (await verified(since="ab" * 32)).json()
    assert (other["is_intact"], other["first_fault"]["kind"]) == (False, "cut_off")
    for wrong in ({"since": "x"}, {"since": head, "until": head}, {}):
        assert (await verified(**wrong)).status_code == 422
