"""A feature of at most 120 lines has a list, states, import, export, history and rights.

The development guide shows it. Outside its folder it needs a line in `features.py`, a migration and
the scopes of roles.
"""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.architecture import test_row_scopes
from tests.architecture.test_descriptions import missing
from tests.architecture.test_migrations import SHAPE
from tests.example_feature.conftest import migrate
from tests.example_feature.repairs.queries import REPAIRS
from tests.example_feature.roles import somebody
from tests.support.exporting import content, export
from tests.support.importing import counts, faults, send, table
from tests.support.tokens import bearer, claims

LIMIT = 120
SCHOOL, OTHER_SCHOOL = "2162000001", "2162000002"
HEADERS = "报修编号,学校标识码,报修事项\n"


@pytest.fixture
def admin(bureau: str) -> dict[str, str]:
    """The administrator of this test's bureau."""
    return somebody("bureau_admin", bureau)


async def report(
    client: httpx.AsyncClient, headers: dict[str, str], number: int, **changes: str
) -> httpx.Response:
    """Report a repair."""
    values = {"repair_no": f"R-{number}", "school_code": SCHOOL, "subject": "教室灯管"}
    return await client.post("/v1/repairs", json=values | changes, headers=headers)


async def data(client: httpx.AsyncClient, headers: dict[str, str], path: str) -> Any:
    """The rows of a page."""
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.quick
def test_the_feature_is_short() -> None:
    folder = Path(__file__).parent / "repairs"
    lines = {file.name: len(file.read_text("utf-8").splitlines()) for file in folder.glob("*.py")}
    assert len(lines) > 5
    assert sum(lines.values()) <= LIMIT, lines


async def test_callers_need_a_token_and_the_scope(
    client: httpx.AsyncClient, app: FastAPI, bureau: str
) -> None:
    calls = [
        (method, path)
        for path, operations in app.openapi()["paths"].items()
        if path.startswith("/v1/repairs")
        for method in operations
    ]
    assert len(calls) == 6
    unable = somebody("staff", bureau)
    for method, path in calls:
        address = path.format(record_id=uuid4())
        body: Any = {} if (method, path) == ("post", "/v1/repairs") else None
        missing = await client.request(method, address, json=body)
        assert (missing.status_code, missing.json()["code"]) == (401, "auth.invalid_token")
        refused = await client.request(method, address, headers=unable, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.missing_scope")
    reader = somebody("school_head", bureau, [SCHOOL])
    assert (await report(client, reader, 1)).status_code == 403
    assert await data(client, reader, "/v1/repairs") == []


async def test_a_row_is_created_once_and_read(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    created = await report(client, admin, 1)
    assert created.status_code == 201
    row = created.json()
    assert (row["repair_no"], row["state"], row["version"]) == ("R-1", "reported", 1)
    read = await client.get(f"/v1/repairs/{row['id']}", headers=admin)
    assert (read.json(), read.headers["etag"]) == (row, created.headers["etag"])
    taken = await report(client, admin, 1)
    assert (taken.status_code, taken.json()["code"]) == (409, "platform.conflict")
    wrong = await report(client, admin, 2, school_code="21")
    assert wrong.json()["errors"][0]["pointer"] == "/school_code"
    platform = bearer("system_admin", bureau=None, scopes={"repairs:read", "repairs:write"})
    assert (await report(client, platform, 3)).status_code == 403


async def test_the_list_is_filtered_sorted_and_paged(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    for number in range(5):
        answer = await report(client, admin, number, subject=f"门{number % 2}")
        assert answer.status_code == 201
    found = await data(client, admin, "/v1/repairs?subject=门1&sort=-repair_no")
    assert [row["repair_no"] for row in found] == ["R-3", "R-1"]
    numbers: list[str] = []
    query: dict[str, str] = {"limit": "2", "total": "exact"}
    while True:
        page = (await client.get("/v1/repairs", params=query, headers=admin)).json()
        numbers += [row["repair_no"] for row in page["data"]]
        assert page["total"] == 5
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert numbers == [f"R-{number}" for number in range(5)]
    unknown = await client.get("/v1/repairs?colour=red", headers=admin)
    assert unknown.status_code == 422


async def test_a_verb_changes_the_state_once(
    client: httpx.AsyncClient, admin: dict[str, str], bureau: str
) -> None:
    created = await report(client, admin, 1)
    row, match = created.json(), {"If-Match": created.headers["etag"]}
    assert row["allowed_verbs"] == ["finish", "decline"]
    head = somebody("school_head", bureau, [SCHOOL])
    assert (await data(client, head, "/v1/repairs"))[0]["allowed_verbs"] == []
    finish = f"/v1/repairs/{row['id']}:finish"
    blind = await client.post(finish, headers=admin)
    assert (blind.status_code, blind.json()["code"]) == (428, "platform.if_match_required")
    finished = await client.post(finish, headers=admin | match)
    assert finished.status_code == 200, finished.text
    shown = finished.json()
    assert (shown["state"], shown["version"], shown["allowed_verbs"]) == ("finished", 2, [])
    stale = await client.post(finish, headers=admin | match)
    assert (stale.status_code, stale.json()["code"]) == (412, "platform.precondition_failed")
    again = {"If-Match": finished.headers["etag"]}
    for verb in ("finish", "decline"):
        refused = await client.post(f"/v1/repairs/{row['id']}:{verb}", headers=admin | again)
        assert (refused.status_code, refused.json()["code"]) == (
            409,
            "procedure.transition_refused",
        )
    missing = await client.post(f"/v1/repairs/{uuid4()}:finish", headers=admin | match)
    assert missing.status_code == 404


async def test_the_procedure_is_served_and_documented(
    client: httpx.AsyncClient, app: FastAPI, admin: dict[str, str]
) -> None:
    served = (await client.get("/v1/procedures/repairs", headers=admin)).json()
    assert [state["code"] for state in served["states"]] == ["reported", "finished", "declined"]
    assert {verb["name"]: verb["scope"] for verb in served["verbs"]} == {
        "finish": "repairs:write",
        "decline": "repairs:write",
    }
    diagram = await client.get("/v1/procedures/repairs?format=mermaid", headers=admin)
    assert diagram.text.startswith("stateDiagram-v2")
    codes = (await client.get("/v1/code-lists/repair-states", headers=admin)).json()["codes"]
    assert codes[0]["label_zh"] == "已报修"
    paths = app.openapi()["paths"]
    assert paths["/v1/repairs"]["get"]["security"] == [{"HTTPBearer": ["repairs:read"]}]
    verb = paths["/v1/repairs/{record_id}:finish"]["post"]
    assert verb["security"] == [{"HTTPBearer": ["repairs:write"]}]
    assert "procedure.transition_refused" in verb["responses"]["409"]["description"]
    assert {"403", "404", "412", "428"} <= verb["responses"].keys()
    assert "/v1/repairs/{record_id}/history" in paths


def test_each_field_and_parameter_is_described(app: FastAPI) -> None:
    document = app.openapi()
    schemas = document["components"]["schemas"]
    found = [
        f"{name}.{field}: {fault}"
        for name, schema in schemas.items()
        for field, described in schema.get("properties", {}).items()
        for fault in missing(described, described)
    ]
    found += [
        f"{path} {parameter['name']}: {fault}"
        for path, item in document["paths"].items()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        for fault in missing(parameter, parameter["schema"])
    ]
    assert found == []
    assert "RepairWrite" in schemas


async def test_a_file_is_imported_and_exported(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    rows = f"R-1,{SCHOOL},门锁\nR-2,{OTHER_SCHOOL},水管\nR-3,21,屋顶\n"
    job = await send(client, admin, "repairs", HEADERS + rows, mode="valid_rows")
    assert counts(job) == (2, 0, 0, 1)
    assert [fault[:2] for fault in await faults(client, admin, job)] == [(4, "school_code")]
    changed = HEADERS + rows.replace("门锁", "窗户")
    job = await send(client, admin, "repairs", changed, mode="valid_rows")
    assert counts(job) == (0, 1, 1, 1)
    streamed = await client.get("/v1/repairs?format=csv&sort=repair_no", headers=admin)
    exported = await export(client, admin, "repairs", query={"sort": "repair_no"})
    assert exported["state"] == "completed"
    assert (await content(client, admin, exported)).content == streamed.content
    header, first, second = table(streamed.content)
    assert {"repair_no", "school_code", "subject", "state"} <= {*header}
    assert ("窗户" in first, "水管" in second) == (True, True)


async def test_history_and_feed_show_each_change(
    client: httpx.AsyncClient, admin: dict[str, str], bureau: str
) -> None:
    created = await report(client, admin, 1)
    path, match = f"/v1/repairs/{created.json()['id']}", {"If-Match": created.headers["etag"]}
    await client.post(f"{path}:decline", headers=admin | match)
    history = await data(client, admin, f"{path}/history")
    assert [entry["operation"] for entry in history] == ["update", "insert"]
    assert history[0]["changes"]["state"] == ["reported", "declined"]
    feed: list[dict[str, Any]] = []
    async with asyncio.timeout(20):  # transactions of other tests can hold the feed back
        while len(feed) < 2:
            feed = await data(client, admin, "/v1/changes?wait=1")
    assert [(entry["resource"], entry["key"], entry["operation"]) for entry in feed] == [
        ("repairs", "R-1", "insert"),
        ("repairs", "R-1", "update"),
    ]
    unscoped = bearer("bureau_admin", bureau=bureau)
    assert await data(client, unscoped, "/v1/changes") == []
    assert (await client.get(f"{path}/history", headers=unscoped)).status_code == 403


async def test_each_sees_only_their_own_rows(
    client: httpx.AsyncClient, admin: dict[str, str], bureau: str
) -> None:
    created = await report(client, admin, 1)
    await report(client, admin, 2, school_code=OTHER_SCHOOL)
    path, match = f"/v1/repairs/{created.json()['id']}", {"If-Match": created.headers["etag"]}
    other_bureau = somebody("bureau_admin", f"9{bureau[1:]}")
    assert await data(client, other_bureau, "/v1/repairs") == []
    for method, address in (("get", path), ("get", f"{path}/history"), ("post", f"{path}:finish")):
        answer = await client.request(method, address, headers=other_bureau | match)
        assert answer.status_code == 404, address
    head = somebody("school_head", bureau, [OTHER_SCHOOL])
    assert [row["repair_no"] for row in await data(client, head, "/v1/repairs")] == ["R-2"]
    assert (await client.get(path, headers=head)).status_code == 404
    writer = somebody("integration", bureau, [OTHER_SCHOOL])
    assert (await report(client, writer, 3, school_code=OTHER_SCHOOL)).status_code == 201
    outside = await report(client, writer, 4)
    assert (outside.status_code, outside.json()["errors"][0]["code"]) == (422, "row.out_of_scope")


async def test_row_security_alone_keeps_rows_apart(
    client: httpx.AsyncClient, app: FastAPI, admin: dict[str, str], bureau: str
) -> None:
    await report(client, admin, 1)
    database: Database = app.state.resources[Database]
    for other, schools, seen in (
        (bureau, [], 1),
        (bureau, [SCHOOL], 1),
        (bureau, [OTHER_SCHOOL], 0),
        (f"9{bureau[1:]}", [], 0),
    ):
        caller = Caller.from_claims(claims(("bureau_admin",), bureau=other, schools=schools))
        async with database.connection(caller) as connection:
            query = "select count(*) from repair where bureau_code = $1"
            assert await connection.fetchval(query, bureau) == seen


async def test_policies_and_migration_follow_the_declarations(
    url: str, superuser: "asyncpg.Connection[asyncpg.Record]", client: httpx.AsyncClient
) -> None:
    await test_row_scopes.test_the_policies_are_those_of_the_scope(
        "schools", REPAIRS.rows, superuser
    )
    before = await superuser.fetch(SHAPE, "schools")
    assert any("repair" in row[1] for row in before)
    await migrate(url, up=False)
    after = await superuser.fetch(SHAPE, "schools")
    assert not any("repair" in row[1] for row in after)
    await migrate(url)
    assert await superuser.fetch(SHAPE, "schools") == before
