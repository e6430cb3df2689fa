import pytest

from tests.accountability.scenario import LEAD, SCHOOL, Scenario


@pytest.mark.quick("services.accountability.cases", "services.accountability.case_procedure")
async def test_a_case_lives_from_lead_to_close(scenario: Scenario) -> None:
    case = await scenario.lead("T1", "T2")
    assert case["state"] == "lead"
    assert case["school_name"] == "城关第一小学"
    assert {name: case[name] for name in LEAD} == LEAD
    assert [(r["staff_no"], r["name"], r["school_code"]) for r in case["respondents"]] == [
        ("T1", "王小明", SCHOOL),
        ("T2", "李华", SCHOOL),
    ]

    filed = await scenario.go(case["id"], "file")
    assert filed["state"] == "filed"
    proposal = {
        "measures": [
            {"staff_no": "T1", "measure": "通报批评", "reason": "第一责任人"},
            {"staff_no": "T2", "measure": "M1"},
        ],
        "opinion": "建议予以问责",
    }
    proposed = await scenario.go(case["id"], "propose", propose=proposal)
    assert [r["measure"] for r in proposed["respondents"]] == ["M2", "M1"]
    assert proposed["measure"] == "M2"
    assert proposed["opinion"] == "建议予以问责"
    decided = await scenario.go(case["id"], "review", "decide")
    assert decided["state"] == "decided"
    assert decided["decision_no"] == "教问责〔2025〕3号"
    assert decided["assessment_year"] == 2025
    assert decided["decided_on"] is not None
    assert decided["decided_by"] != decided["proposed_by"]
    closed = await scenario.go(case["id"], "execute", "close")
    assert closed["state"] == "closed"
    assert closed == await scenario.read(case["id"])


async def test_history_tells_who_did_what_in_order(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file", "propose", "review", "return", "propose", "review")
    await scenario.go(case["id"], "decide", "execute", "close")
    events = await scenario.events(case["id"])
    assert [event["verb"] for event in events] == [
        *("open", "file", "propose", "review", "return", "propose", "review"),
        *("decide", "execute", "close"),
    ]
    assert [event["entry"] for event in events] == list(range(1, len(events) + 1))
    by_verb = {event["verb"]: event for event in events}
    assert by_verb["open"]["actor_name"] == "bureau_admin"
    assert by_verb["propose"]["actor_name"] == "supervisor"
    assert by_verb["propose"]["details"]["measures"][0]["measure"] == "M2"
    assert by_verb["return"]["note"] == "请补充材料"
    assert by_verb["decide"]["actor_name"] == "bureau_leader"
    assert by_verb["close"]["note"] == "已报市督导室"


async def test_a_returned_case_is_proposed_again_with_other_measures(scenario: Scenario) -> None:
    case = await scenario.lead("T1", "T2")
    returned = await scenario.go(case["id"], "file", "propose", "review", "return")
    assert returned["state"] == "returned"
    assert returned["returned_reason"] == "请补充材料"
    again = {"measures": [{"staff_no": "T2", "measure": "M3"}], "opinion": "改为诫勉谈话"}
    proposed = await scenario.go(case["id"], "propose", propose=again)
    assert [(r["staff_no"], r["measure"]) for r in proposed["respondents"]] == [
        ("T1", None),
        ("T2", "M3"),
    ]


async def test_a_rejected_case_keeps_its_reason(scenario: Scenario) -> None:
    case = await scenario.lead()
    rejected = await scenario.go(case["id"], "reject")
    assert rejected["state"] == "rejected"
    assert rejected["rejected_reason"] == "事实不清"


async def test_version_counts_every_change(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    assert case["version"] == 1
    filed = await scenario.go(case["id"], "file")
    assert filed["version"] == 2
    body = {"respondents": [{"staff_no": "T2", "responsibility": "第一责任人"}]}
    named = await scenario.call("POST", f"/v1/cases/{case['id']}/respondents", json=body)
    assert named.json()["version"] == 3


async def test_execute_and_close_need_no_note(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M1")
    for verb in ("execute", "close"):
        response = await scenario.call("POST", f"/v1/cases/{case['id']}:{verb}")
        assert response.status_code == 200, response.text
    assert [event["note"] for event in await scenario.events(case["id"])][-2:] == [None, None]
