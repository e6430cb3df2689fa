from typing import Any

import pytest

from tests.accountability.scenario import ANY_VERSION, BODIES, TO_REVIEW, Scenario, codes


async def test_nothing_is_proposed_without_respondents(scenario: Scenario) -> None:
    case = await scenario.lead()
    await scenario.go(case["id"], "file")
    refused = await scenario.do(case["id"], "propose")
    assert refused.status_code == 409
    assert refused.json()["code"] == "accountability.no_respondents"


async def test_measures_name_respondents_once(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    measures = [
        {"staff_no": "T2", "measure": "M1"},
        {"staff_no": "T1", "measure": "M1"},
        {"staff_no": "T1", "measure": "M2"},
    ]
    refused = await scenario.do(case["id"], "propose", {"measures": measures, "opinion": "建议"})
    assert refused.status_code == 422
    assert codes(refused) == {
        ("/measures/0/staff_no", "respondent.unknown"),
        ("/measures/2/staff_no", "staff.repeated"),
    }
    assert (await scenario.read(case["id"]))["state"] == "filed"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"measures": [], "opinion": "建议"}, ("/measures", "too_short")),
        ({"measures": [{"staff_no": "T1"}], "opinion": "建议"}, ("/measures/0/measure", "missing")),
        (
            {"measures": [{"staff_no": "T1", "measure": "M6"}], "opinion": "建议"},
            ("/measures/0/measure", "code.unknown"),
        ),
        ({"measures": [{"staff_no": "T1", "measure": "M1"}]}, ("/opinion", "missing")),
        (BODIES["propose"] | {"state": "decided"}, ("/state", "extra_forbidden")),
        (BODIES["propose"] | {"opinion": "a\x00b"}, ("/opinion", "text.nul")),
    ],
)
async def test_a_malformed_proposal_changes_nothing(
    scenario: Scenario, body: Any, fault: tuple[str, str]
) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    refused = await scenario.do(case["id"], "propose", body)
    assert refused.status_code == 422
    assert fault in codes(refused)
    assert (await scenario.read(case["id"]))["state"] == "filed"


async def test_the_proposer_does_not_decide(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    both = {"scopes": {"cases:write", "cases:decide"}, "name": "two-hats"}
    headers = scenario.as_("bureau_leader", **both) | ANY_VERSION
    path = f"/v1/cases/{case['id']}"
    proposed = await scenario.client.post(
        f"{path}:propose", json=BODIES["propose"], headers=headers
    )
    assert proposed.status_code == 200
    await scenario.go(case["id"], "review")
    refused = await scenario.client.post(f"{path}:decide", json=BODIES["decide"], headers=headers)
    assert refused.status_code == 409
    assert refused.json()["code"] == "accountability.decider_is_proposer"
    assert (await scenario.read(case["id"]))["state"] == "under_review"
    await scenario.go(case["id"], "decide")


async def test_nothing_is_decided_without_a_measure(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *TO_REVIEW)
    # No route leads here; should the measures be gone all the same, nothing is decided.
    await scenario.sql("update respondent set measure = null where case_id = $1", case["id"])
    refused = await scenario.do(case["id"], "decide")
    assert refused.status_code == 409
    assert refused.json()["code"] == "accountability.no_measure"


async def test_a_case_with_a_pending_directive_is_not_closed(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    await scenario.go(case["id"], "execute")
    refused = await scenario.do(case["id"], "close")
    assert refused.status_code == 409
    assert refused.json()["code"] == "accountability.directive_pending"
    assert "1" in refused.json()["detail"]
    await scenario.sql(
        "update directive_delivery set state = 'refused' where case_id = $1", case["id"]
    )
    await scenario.go(case["id"], "close")


async def test_the_assessment_year_can_be_given(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *TO_REVIEW)
    decided = await scenario.go(
        case["id"], "decide", decide={"basis": "责任追究制度", "assessment_year": 2024}
    )
    assert decided["assessment_year"] == 2024
    assert decided["decision_no"] is None
