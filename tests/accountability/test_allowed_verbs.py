"""`allowed_verbs` of cases: for this caller, by the guards, in every answer that shows a case."""

import io
import json
from typing import Any

import httpx
import pytest

from tests.accountability.scenario import ANY_VERSION, BODIES, TO_REVIEW, Scenario
from tests.support.exporting import begin, content, export


async def allowed(scenario: Scenario, case_id: str, role: str, **subject: Any) -> list[str]:
    """What a caller may do with a case; the same alone and in the list."""
    headers = scenario.as_(role, **subject)
    read = (await scenario.client.get(f"/v1/cases/{case_id}", headers=headers)).json()
    page = (await scenario.client.get("/v1/cases", headers=headers)).json()
    (row,) = [one for one in page["data"] if one["id"] == case_id]
    assert row["allowed_verbs"] == read["allowed_verbs"]
    verbs: list[str] = read["allowed_verbs"]
    return verbs


async def test_each_caller_reads_what_its_own_scopes_allow(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    assert case["allowed_verbs"] == ["file", "reject"]
    assert await allowed(scenario, case["id"], "supervisor") == ["file"]
    assert await allowed(scenario, case["id"], "bureau_leader") == []
    only = {"scopes": {"cases:read", "cases:review"}}
    assert await allowed(scenario, case["id"], "bureau_admin", **only) == ["reject"]


async def test_a_case_that_names_nobody_cannot_be_proposed(scenario: Scenario) -> None:
    case = await scenario.lead()
    filed = await scenario.go(case["id"], "file")
    assert filed["allowed_verbs"] == ["reject"]
    refused = await scenario.do(case["id"], "propose", role="supervisor")
    assert refused.json()["code"] == "accountability.no_respondents"
    (fault,) = refused.json()["errors"]
    assert fault["params"] == {
        "procedure": "cases", "state": "filed", "verb": "propose", "allowed": [],
    }  # fmt: skip
    named = {"respondents": [{"staff_no": "T1", "responsibility": "direct"}]}
    path = f"/v1/cases/{case['id']}/respondents"
    added = (await scenario.call("POST", path, json=named)).json()
    assert added["allowed_verbs"] == ["reject", "propose"]
    removed = (await scenario.call("DELETE", f"{path}/T1")).json()
    assert removed["allowed_verbs"] == ["reject"]
    patched = await scenario.call("PATCH", f"/v1/cases/{case['id']}", json={"title": "新案由"})
    assert patched.json()["allowed_verbs"] == ["reject"]


async def test_the_proposer_is_not_shown_that_they_may_decide(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    both = {"scopes": {"cases:read", "cases:write", "cases:decide"}}
    proposer = both | {"name": "two-hats", "staff_no": "T3"}
    headers = scenario.as_("bureau_leader", **proposer) | ANY_VERSION
    path = f"/v1/cases/{case['id']}:propose"
    proposed = await scenario.client.post(path, json=BODIES["propose"], headers=headers)
    assert proposed.status_code == 200, proposed.text
    await scenario.go(case["id"], "review")
    assert await allowed(scenario, case["id"], "bureau_leader", **proposer) == []
    other_account = proposer | {"name": "another account"}
    assert await allowed(scenario, case["id"], "bureau_leader", **other_account) == []
    nobody = both | {"name": "no number"}
    assert await allowed(scenario, case["id"], "bureau_leader", **nobody) == ["decide"]
    colleague = both | {"name": "colleague", "staff_no": "T2"}
    assert await allowed(scenario, case["id"], "bureau_leader", **colleague) == ["decide"]


async def test_a_decision_needs_a_measure(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *TO_REVIEW)
    assert await allowed(scenario, case["id"], "bureau_leader") == ["decide"]
    await scenario.sql("update respondent set measure = null where case_id = $1", case["id"])
    assert await allowed(scenario, case["id"], "bureau_leader") == []


async def test_closing_waits_for_directives(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    executed = await scenario.go(case["id"], "execute")
    assert executed["allowed_verbs"] == []
    path = f"/v1/cases/{case['id']}"
    before = await scenario.call("GET", path)
    # Past the service, which would count a version: the ETag alone has to tell the two apart.
    await scenario.sql(
        "update directive_delivery set state = 'refused' where case_id = $1", case["id"]
    )
    after = await scenario.call("GET", path, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["allowed_verbs"]) == (200, ["close"])
    closed = await scenario.do(case["id"], "close", If_Match=after.headers["etag"])
    assert (closed.status_code, closed.json()["allowed_verbs"]) == (200, [])


async def test_two_callers_never_share_an_etag_that_hides_their_verbs(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    path = f"/v1/cases/{case['id']}"
    admin = await scenario.call("GET", path)
    known = {"If-None-Match": admin.headers["etag"]}
    assert (await scenario.call("GET", path, headers=known)).status_code == 304
    leader = await scenario.call("GET", path, "bureau_leader", headers=known)
    assert (leader.status_code, leader.json()["allowed_verbs"]) == (200, [])


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
async def test_files_do_not_show_verbs(scenario: Scenario, format_: str) -> None:
    await scenario.lead("T1")
    streamed = await scenario.call("GET", f"/v1/cases?format={format_}")
    job = await export(scenario.client, scenario.as_("bureau_admin"), "cases", format=format_)
    written = await content(scenario.client, scenario.as_("bureau_admin"), job)
    for text in (streamed.text, written.text):
        head = next(io.StringIO(text))
        names = json.loads(head).keys() if format_ == "ndjson" else head.strip().split(",")
        assert "case_no" in names
        assert "allowed_verbs" not in names


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, pointer and code of the only fault."""
    (fault,) = answer.json()["errors"]
    return answer.status_code, fault["pointer"], fault["code"]


async def test_files_refuse_to_be_asked_for_verbs(scenario: Scenario) -> None:
    fields = "case_no,allowed_verbs"
    page = await scenario.call("GET", f"/v1/cases?fields={fields}")
    assert page.status_code == 200
    for format_ in ("csv", "ndjson", "xlsx"):
        answer = await scenario.call("GET", f"/v1/cases?fields={fields}&format={format_}")
        assert refusal(answer) == (422, "/fields", "fields.unknown")
    query = {"fields": fields}
    job = await begin(scenario.client, scenario.as_("bureau_admin"), "cases", query=query)
    assert refusal(job) == (422, "/query/fields", "fields.unknown")


async def test_histories_and_the_feed_do_not_show_verbs(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    for path in (
        f"/v1/cases/{case['id']}/history",
        "/v1/changes",
        f"/v1/cases/{case['id']}/events",
    ):
        answer = await scenario.call("GET", path)
        assert answer.status_code == 200, answer.text
        assert "allowed_verbs" not in answer.text
