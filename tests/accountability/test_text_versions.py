"""The texts of a case as lodged stay beside every edit, with who wrote them and when."""

from typing import Any

import asyncpg
import pytest

from services.chassis.database.db import Database
from tests.accountability.scenario import LEAD, OTHER_SCHOOL, SCHOOL, Scenario
from tests.accountability.test_recusal import ROW, table
from tests.support.importing import attempt


async def versions(scenario: Scenario, case_id: str) -> list[dict[str, Any]]:
    answer = await scenario.call("GET", f"/v1/cases/{case_id}/text-versions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def edit(scenario: Scenario, case_id: str, role: str, **texts: Any) -> None:
    answer = await scenario.call("PATCH", f"/v1/cases/{case_id}", role, json=texts)
    assert answer.status_code == 200, answer.text


async def test_every_edit_leaves_what_was_there(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await edit(scenario, case["id"], "supervisor", facts="查无此事。")
    await edit(scenario, case["id"], "bureau_admin", facts="确有此事。", title="另一案由")
    await edit(scenario, case["id"], "bureau_admin", facts="确有此事。")  # changes nothing
    first, second, third = await versions(scenario, case["id"])
    assert {name: first[name] for name in LEAD} == LEAD
    assert (first["text_version"], first["actor_name"]) == (1, "bureau_admin")
    assert first["actor"] == case["opened_by"]
    assert (second["facts"], second["actor_name"]) == ("查无此事。", "supervisor")
    assert (third["title"], third["text_version"]) == ("另一案由", 3)
    assert first["at"] <= second["at"] <= third["at"]
    assert (await scenario.read(case["id"]))["text_versions"] == 3


async def test_verbs_and_respondents_are_no_edits(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M2")
    assert len(await versions(scenario, case["id"])) == 1
    assert case["text_versions"] == 1


async def test_imported_leads_keep_theirs_too(scenario: Scenario) -> None:
    importer, editor = scenario.as_("supervisor"), scenario.as_("bureau_admin", name="editor")
    await attempt(scenario.client, importer, "cases", table(ROW))
    changed = ROW.replace("无人清理", "查无此事").replace(SCHOOL, OTHER_SCHOOL)
    outcome = await attempt(scenario.client, editor, "cases", table(changed))
    assert outcome.counts == (0, 1, 0, 0)
    await attempt(scenario.client, editor, "cases", table(changed))  # unchanged
    case = (await scenario.call("GET", "/v1/cases/by-key/2025-701")).json()
    first, second = await versions(scenario, case["id"])
    assert (first["facts"], first["school_code"]) == ("无人清理", SCHOOL)
    assert (second["facts"], second["school_code"]) == ("查无此事", OTHER_SCHOOL)
    assert (first["actor_name"], second["actor_name"]) == ("supervisor", "editor")


@pytest.mark.parametrize(
    "statement",
    [
        "update case_text set facts = 'x'",
        "delete from case_text",
        "insert into case_text select * from case_text",
        "truncate case_text",
    ],
)
@pytest.mark.parametrize("level", ["service", "bureau"])
async def test_nobody_rewrites_them(scenario: Scenario, statement: str, level: str) -> None:
    await scenario.lead()
    async with scenario.app.state.resources[Database].connection(None) as connection:
        await connection.execute(f"set local role junheng_accountability_{level}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_not_even_the_owner_rewrites_them(
    scenario: Scenario, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    case = await scenario.lead()
    for statement in ("update {} set facts = 'x'", "delete from {}"):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await admin.execute(
                statement.format("accountability.case_text") + " where case_id = $1", case["id"]
            )


async def test_an_edit_past_the_application_is_kept_as_well(scenario: Scenario) -> None:
    case = await scenario.lead()
    async with scenario.app.state.resources[Database].connection(None) as connection:
        await connection.execute("update case_file set facts = 'x' where id = $1", case["id"])
    _, second = await versions(scenario, case["id"])
    assert (second["facts"], second["actor_name"]) == ("x", "service-accountability")
