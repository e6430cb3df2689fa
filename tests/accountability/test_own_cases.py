"""What the procedure gives a respondent: the notice of facts, a defence, the decision."""

import re
from typing import Any

import httpx
import pytest

from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.accountability.scenario import ANY_VERSION, BODIES, SCHOOL, TO_REVIEW, Scenario, codes
from tests.support.tokens import claims

STATEMENT = {"statement": "台账由前任移交，缺口已于三月报告。"}
PROPOSAL = {
    "measures": [
        {"staff_no": "T1", "measure": "M4", "reason": "隐瞒"},
        {"staff_no": "T2", "measure": "M1"},
    ],
    "opinion": "内部意见",
}
# The number of another respondent; `T22` of a time is none.
COLLEAGUE = re.compile(r"\bT2\b")
# Whatever the roles: a plain member of staff, and those who work on other people's cases.
HATS: dict[str, dict[str, Any]] = {
    "staff": {},
    "school_officer": {"schools": [SCHOOL]},
    "school_head": {"schools": [SCHOOL]},
    "supervisor": {},
    "bureau_leader": {},
    "bureau_admin": {},
}


def person(scenario: Scenario, staff_no: str = "T1", role: str = "staff") -> dict[str, str]:
    """The token of a person in a role."""
    return scenario.as_(role, staff_no=staff_no, name=f"{role}-{staff_no}", **HATS[role])


async def own(scenario: Scenario, headers: dict[str, str], **params: Any) -> list[dict[str, Any]]:
    answer = await scenario.client.get("/v1/own-cases", headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def defend(scenario: Scenario, headers: dict[str, str], own_id: str) -> httpx.Response:
    path = f"/v1/own-cases/{own_id}:defend"
    return await scenario.client.post(path, json=STATEMENT, headers=headers)


async def under_review(scenario: Scenario) -> dict[str, Any]:
    case = await scenario.lead("T1", "T2")
    return await scenario.go(case["id"], *TO_REVIEW, propose=PROPOSAL)


@pytest.mark.parametrize("role", HATS)
async def test_nothing_is_shown_before_the_notice(scenario: Scenario, role: str) -> None:
    case, headers = await scenario.lead("T1"), person(scenario, role=role)
    assert await own(scenario, headers) == []
    for verb in TO_REVIEW:
        await scenario.go(case["id"], verb)
        assert await own(scenario, headers) == [], verb
    await scenario.go(case["id"], "notify")
    (mine,) = await own(scenario, headers)
    assert (mine["case_no"], mine["state"]) == (case["case_no"], "notified")
    assert mine["allowed_verbs"] == ["defend"]


async def test_the_notice_shows_the_facts_and_ones_own_part(scenario: Scenario) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "notify")
    (mine,) = await own(scenario, person(scenario))
    assert mine["facts"] == case["facts"]
    assert (mine["measure"], mine["measure_reason"]) == ("M4", "隐瞒")
    assert (mine["decision_no"], mine["basis"], mine["directive"]) == (None, None, None)
    assert mine["defences"] == []
    shown = str(mine)
    assert not COLLEAGUE.search(shown)
    for hidden in ("李华", "内部意见", case["opened_by"], case["source"], case["id"]):
        assert hidden not in shown, hidden
    (other,) = await own(scenario, person(scenario, "T2"))
    assert (other["measure"], other["id"] != mine["id"]) == ("M1", True)
    assert await own(scenario, person(scenario, "T3")) == []
    assert await own(scenario, scenario.as_("bureau_admin")) == [], "an account of nobody"


async def test_nobody_reads_another_persons_part(scenario: Scenario) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "notify")
    (mine,) = await own(scenario, person(scenario))
    path = f"/v1/own-cases/{mine['id']}"
    for headers in (
        person(scenario, "T2"),
        person(scenario, "T3", "bureau_admin"),
        scenario.as_("bureau_admin"),
        scenario.as_("school_head", schools=[SCHOOL]),
        scenario.as_("staff", staff_no="T1", bureau="999995"),
    ):
        answer = await scenario.client.get(path, headers=headers)
        assert answer.status_code == 404, answer.text
        refused = await defend(scenario, headers, mine["id"])
        assert refused.json()["code"] == "accountability.own_case_not_found"
    assert (await scenario.client.get(path, headers=person(scenario))).json() == mine


@pytest.mark.quick("services.accountability.own_cases")
async def test_a_defence_is_heard_between_notice_and_decision(scenario: Scenario) -> None:
    case, headers = await under_review(scenario), person(scenario)
    await scenario.go(case["id"], "notify")
    (mine,) = await own(scenario, headers)
    before = (await scenario.read(case["id"]))["version"]
    heard = await defend(scenario, headers, mine["id"])
    assert heard.status_code == 201, heard.text
    assert [one["statement"] for one in heard.json()["defences"]] == [STATEMENT["statement"]]
    assert (await own(scenario, person(scenario, "T2")))[0]["defences"] == [], "it is T1's"
    last = (await scenario.events(case["id"]))[-1]
    assert (last["verb"], last["note"]) == ("defend", STATEMENT["statement"])
    assert last["details"] == {"staff_no": "T1"}
    stale = await scenario.do(case["id"], "decide", If_Match=f'"{before}"')
    assert stale.status_code == 412, "who decides has read the defence"
    await scenario.go(case["id"], "decide")
    closed = await defend(scenario, headers, mine["id"])
    assert closed.json()["code"] == "procedure.transition_refused"
    (fault,) = closed.json()["errors"]
    assert fault["params"] == {
        "procedure": "own-cases", "state": "decided", "verb": "defend", "allowed": [],
    }  # fmt: skip
    assert (await own(scenario, headers))[0]["allowed_verbs"] == []


async def test_a_defence_says_something_and_not_for_ever(scenario: Scenario) -> None:
    case, headers = await under_review(scenario), person(scenario)
    await scenario.go(case["id"], "notify")
    (mine,) = await own(scenario, headers)
    path = f"/v1/own-cases/{mine['id']}:defend"
    for body, fault in (
        ({"statement": " "}, ("/statement", "string_too_short")),
        ({"statement": "字" * 10_001}, ("/statement", "string_too_long")),
        ({}, ("/statement", "missing")),
        (STATEMENT | {"staff_no": "T2"}, ("/staff_no", "extra_forbidden")),
    ):
        refused = await scenario.client.post(path, json=body, headers=headers)
        assert codes(refused) == {fault}
    for _ in range(20):
        assert mine["allowed_verbs"] == ["defend"]
        heard = await defend(scenario, headers, mine["id"])
        assert heard.status_code == 201, heard.text
        mine = heard.json()
    assert mine["allowed_verbs"] == []
    assert (await own(scenario, headers))[0] == mine
    (other,) = await own(scenario, person(scenario, "T2"))
    assert other["allowed_verbs"] == ["defend"], "each respondent has their own"
    refused = await defend(scenario, headers, mine["id"])
    assert refused.json()["code"] == "accountability.too_many_defences"
    assert "20" in refused.json()["detail"]


async def test_the_decision_is_shown_also_without_a_notice_before(scenario: Scenario) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "decide")
    (mine,) = await own(scenario, person(scenario))
    assert (mine["state"], mine["measure"]) == ("decided", "M4")
    assert mine["basis"] == BODIES["decide"]["basis"]
    assert mine["directive"]["state"] == "pending"
    (other,) = await own(scenario, person(scenario, "T2"))
    assert other["directive"] is None
    assert await own(scenario, person(scenario), state="notified") == []


async def test_what_goes_on_after_a_notice_is_not_shown(scenario: Scenario) -> None:
    """The case goes back, another measure is proposed, somebody else is named."""
    case, headers = await under_review(scenario), person(scenario)
    await scenario.go(case["id"], "notify", "return")
    (mine,) = await own(scenario, headers)
    assert (mine["state"], mine["measure"]) == ("notified", None)
    assert mine["allowed_verbs"] == [], "nobody reviews it now"
    closed = await defend(scenario, headers, mine["id"])
    assert closed.json()["code"] == "accountability.defence_closed"
    named = {"respondents": [{"staff_no": "T3", "responsibility": "first"}]}
    path = f"/v1/cases/{case['id']}/respondents"
    assert (await scenario.call("POST", path, json=named)).is_success
    assert await own(scenario, person(scenario, "T3")) == [], "not notified yet"
    await scenario.go(case["id"], "propose", "review")
    (mine,) = await own(scenario, headers)
    assert (mine["measure"], mine["allowed_verbs"]) == ("M2", ["defend"])
    await scenario.go(case["id"], "notify")
    assert len(await own(scenario, person(scenario, "T3"))) == 1


async def test_a_notified_respondent_learns_that_nothing_follows(scenario: Scenario) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "notify", "return", "propose", "reject", propose=PROPOSAL)
    (mine,) = await own(scenario, person(scenario))
    assert (mine["state"], mine["measure"], mine["allowed_verbs"]) == ("rejected", None, [])


async def test_a_respondent_who_is_notified_still_does_not_work_on_the_case(
    scenario: Scenario,
) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "notify", "decide")
    headers = person(scenario, role="bureau_admin") | ANY_VERSION
    for verb in ("execute", "close"):
        answer = await scenario.client.post(f"/v1/cases/{case['id']}:{verb}", headers=headers)
        assert answer.status_code == 404, verb
    assert (
        await scenario.client.get(f"/v1/cases/{case['id']}", headers=headers)
    ).status_code == 404


async def test_notice_is_given_by_who_reviews_while_the_case_is_under_review(
    scenario: Scenario,
) -> None:
    case = await scenario.lead("T1")
    refused = await scenario.do(case["id"], "notify")
    assert refused.json()["code"] == "procedure.transition_refused"
    await scenario.go(case["id"], *TO_REVIEW)
    for role in ("supervisor", "bureau_leader"):
        assert (await scenario.do(case["id"], "notify", role=role)).status_code == 403, role
    notified = await scenario.go(case["id"], "notify", notify={"note": "已当面送达"})
    assert notified["state"] == "under_review"
    last = (await scenario.events(case["id"]))[-1]
    assert (last["verb"], last["note"]) == ("notify", "已当面送达")
    assert last["details"] == {"staff_nos": ["T1"]}


async def test_own_cases_are_exported_like_other_lists(scenario: Scenario) -> None:
    case = await under_review(scenario)
    await scenario.go(case["id"], "notify")
    answer = await scenario.client.get("/v1/own-cases?format=csv", headers=person(scenario))
    assert answer.status_code == 200
    assert case["case_no"] in answer.text
    assert not COLLEAGUE.search(answer.text)


async def test_postgres_shows_a_person_nothing_else(scenario: Scenario) -> None:
    case = await under_review(scenario)
    claimed = Caller.from_claims(claims(["staff"], bureau=scenario.bureau, staff_no="T1"))

    async def seen(name: str) -> int:
        async with scenario.app.state.resources[Database].connection(claimed) as connection:
            count = f"select count(*) from {name} where bureau_code = $1"
            found: int = await connection.fetchval(count, scenario.bureau)
            return found

    tables = ("case_file", "respondent", "case_event", "case_text", "directive_delivery")
    assert [await seen(name) for name in tables] == [0, 0, 0, 0, 0]
    await scenario.go(case["id"], "notify")
    assert [await seen(name) for name in tables] == [1, 1, 0, 0, 0]
    (mine,) = await own(scenario, person(scenario))
    await defend(scenario, person(scenario), mine["id"])
    await scenario.go(case["id"], "decide")
    assert [await seen(name) for name in tables] == [1, 1, 1, 0, 1]
    async with scenario.app.state.resources[Database].connection(claimed) as connection:
        assert await connection.execute("update case_file set title = 'x'") == "UPDATE 0"
