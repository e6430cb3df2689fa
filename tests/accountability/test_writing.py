from typing import Any

import asyncpg
import pytest

from tests.accountability.scenario import LEAD, Scenario, codes


async def test_a_number_given_is_kept_and_taken_once(scenario: Scenario) -> None:
    case = await scenario.lead(case_no="教责-7")
    assert case["case_no"] == "教责-7"
    by_key = await scenario.call("GET", "/v1/cases/by-key/教责-7")
    assert by_key.json() == case
    taken = await scenario.call("POST", "/v1/cases", json=LEAD | {"case_no": "教责-7"})
    assert taken.status_code == 409
    assert taken.json()["code"] == "accountability.case_no_taken"


async def test_labels_are_accepted_for_codes(scenario: Scenario) -> None:
    case = await scenario.lead(trigger="控辍保学不力", source="审计")
    assert (case["trigger"], case["source"]) == ("T2-3", "audit")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"trigger": "T9"}, ("/trigger", "code.unknown")),
        ({"source": "rumour"}, ("/source", "code.unknown")),
        ({"school_code": "2162000404"}, ("/school_code", "school.unknown")),
        ({"school_code": "21"}, ("/school_code", "string_pattern_mismatch")),
        ({"found_on": "2025-02-30"}, ("/found_on", "date_from_datetime_parsing")),
        ({"found_on": "0025-02-03"}, ("/found_on", "date.implausible")),
        ({"title": "  "}, ("/title", "string_too_short")),
        ({"title": "字" * 201}, ("/title", "string_too_long")),
        ({"facts": "a\x00"}, ("/facts", "text.nul")),
        ({"case_no": "a/b"}, ("/case_no", "string_pattern_mismatch")),
        ({"case_no": "教【2025】3号"}, ("/case_no", "string_pattern_mismatch")),
        ({"case_no": "n" * 33}, ("/case_no", "string_pattern_mismatch")),
        ({"state": "decided"}, ("/state", "extra_forbidden")),
        ({"respondents": [{"staff_no": "T1"}]}, ("/respondents/0/responsibility", "missing")),
    ],
)
async def test_a_bad_lead_is_refused(
    scenario: Scenario, change: dict[str, Any], fault: tuple[str, str]
) -> None:
    refused = await scenario.call("POST", "/v1/cases", json=LEAD | change)
    assert refused.status_code == 422
    assert fault in codes(refused)
    count = "select count(*) from case_file where bureau_code = $1"
    assert await scenario.sql(count, scenario.bureau) == 0


async def test_texts_are_corrected_and_history_keeps_the_old_ones(scenario: Scenario) -> None:
    case = await scenario.lead()
    path = f"/v1/cases/{case['id']}"
    changed = await scenario.call("PATCH", path, json={"title": "新案由", "trigger": "T1-1"})
    assert changed.status_code == 200
    assert changed.json()["title"] == "新案由"
    assert changed.json()["facts"] == case["facts"]
    assert changed.json()["version"] == 2
    last = (await scenario.events(case["id"]))[-1]
    assert last["verb"] == "update"
    assert last["details"]["before"] == {"title": case["title"], "trigger": "T1-3"}


async def test_a_patch_without_a_change_leaves_no_trace(scenario: Scenario) -> None:
    case = await scenario.lead()
    path = f"/v1/cases/{case['id']}"
    same = await scenario.call("PATCH", path, json={"title": case["title"]})
    assert same.json() == case
    assert len(await scenario.events(case["id"])) == 1


@pytest.mark.parametrize(
    "body", [{"title": None}, {"state": "closed"}, {"school_code": "2162000002"}, {"case_no": "x"}]
)
async def test_what_a_patch_may_not_touch(scenario: Scenario, body: dict[str, Any]) -> None:
    case = await scenario.lead()
    refused = await scenario.call("PATCH", f"/v1/cases/{case['id']}", json=body)
    assert refused.status_code == 422
    assert await scenario.read(case["id"]) == case


async def test_texts_are_fixed_from_the_proposal_on(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    path = f"/v1/cases/{case['id']}"
    await scenario.go(case["id"], "file")
    assert (await scenario.call("PATCH", path, json={"title": "一"})).status_code == 200
    await scenario.go(case["id"], "propose")
    refused = await scenario.call("PATCH", path, json={"title": "二"})
    assert refused.status_code == 409
    assert refused.json()["code"] == "accountability.not_editable"


@pytest.mark.parametrize(
    "statement", ["update case_event set note = 'x'", "delete from case_event"]
)
async def test_postgres_keeps_the_history_from_being_rewritten(
    scenario: Scenario, statement: str
) -> None:
    case = await scenario.lead()
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await scenario.sql(f"{statement} where case_id = $1", case["id"])
    assert len(await scenario.events(case["id"])) == 1


async def test_code_lists_in_both_languages(scenario: Scenario) -> None:
    lists = (await scenario.call("GET", "/v1/code-lists")).json()
    sizes = {one["name"]: len(one["codes"]) for one in lists}
    assert sizes == {
        "triggers": 11,
        "measures": 5,
        "sources": 9,
        "responsibilities": 2,
        "case-states": 9,
        "own-case-states": 5,
        "delivery-states": 3,
        "import-states": 7,
        "export-states": 5,
    }
    assert all(code["label_zh"] and code["label_en"] for one in lists for code in one["codes"])
    measures = (await scenario.call("GET", "/v1/code-lists/measures")).json()["codes"]
    assert [code["code"] for code in measures] == ["M1", "M2", "M3", "M4", "M5"]
