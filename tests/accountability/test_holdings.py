"""What cases tell the registry of one person: those that are decided, and no more."""

from typing import Any

import pytest

from tests.accountability.scenario import BODIES, TO_REVIEW, Scenario
from tests.support.tokens import bearer

PATH = "/v1/personal-data"
SCOPE = "personal_data:read"
NOTHING = {"records": {"respondents": [], "directives": []}, "events": []}


def service(bureau: str) -> dict[str, str]:
    """The registry's own client, at work for a bureau."""
    return bearer(bureau=bureau, scopes=[SCOPE], name="service-schools")


async def held(scenario: Scenario, staff_no: str) -> dict[str, Any]:
    answer = await scenario.client.get(
        PATH, params={"staff_no": staff_no}, headers=service(scenario.bureau)
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_decided_case_is_told_to_each_of_its_respondents_alone(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M2", T2="M4")
    (mine,) = (await held(scenario, "T1"))["records"]["respondents"]
    assert (mine["case_no"], mine["measure"], mine["state"]) == (case["case_no"], "M2", "decided")
    assert mine["basis"] == BODIES["decide"]["basis"]
    part = await held(scenario, "T2")
    assert part["records"]["respondents"][0]["measure"] == "M4"
    assert [one["year"] for one in part["records"]["directives"]] == [2025]
    events = [event["resource"] for event in part["events"]]
    assert events[:4] == ["respondents", "respondents", "respondents", "directives"]
    assert {event["actor"] for event in part["events"]} == {None}, "it may be who reported them"
    assert "王小明" not in str(part)
    assert await held(scenario, "T3") == NOTHING


async def test_what_is_not_decided_is_not_told(scenario: Scenario) -> None:
    case = await scenario.lead("T1", "T3")
    assert await held(scenario, "T1") == NOTHING
    await scenario.call("DELETE", f"/v1/cases/{case['id']}/respondents/T3")
    assert await held(scenario, "T3") == NOTHING, "nor who was taken off"
    for verb in TO_REVIEW:
        await scenario.go(case["id"], verb)
        assert await held(scenario, "T1") == NOTHING, verb
    await scenario.go(case["id"], "decide")
    assert len((await held(scenario, "T1"))["records"]["respondents"]) == 1
    # Known by then: that this person was named, too, and taken off.
    taken_off = await held(scenario, "T3")
    assert taken_off["records"]["respondents"] == []
    assert [event["operation"] for event in taken_off["events"]] == ["insert", "delete"]


async def test_a_rejected_lead_is_not_told(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "reject")
    assert await held(scenario, "T1") == NOTHING


@pytest.mark.parametrize("role", ["bureau_admin", "bureau_leader", "school_head", "staff"])
async def test_only_the_registry_is_told_and_of_its_bureau_alone(
    scenario: Scenario, role: str
) -> None:
    await scenario.decided(T1="M2")
    asked = {"staff_no": "T1"}
    assert (await scenario.client.get(PATH, params=asked)).status_code == 401
    refused = await scenario.call("GET", PATH, role, params=asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.missing_scope")
    elsewhere = await scenario.client.get(PATH, headers=service("999999"), params=asked)
    assert elsewhere.json() == NOTHING
    limited = bearer(bureau=scenario.bureau, schools=["2162000001"], scopes=[SCOPE])
    answer = await scenario.client.get(PATH, headers=limited, params=asked)
    assert "M2" not in answer.text
