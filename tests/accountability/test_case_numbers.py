"""Numbers of cases as documents write them, and days of discovery that have not come."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.accountability.scenario import LEAD, SCHOOL, Scenario
from tests.support.importing import attempt

CASE = Path(__file__).parents[1] / "imports" / "cases" / "case-number.csv"
LATER = f"{date.today() + timedelta(days=3)}"  # noqa: DTZ011 -- a day that has not come anywhere


@pytest.mark.parametrize(
    "case_no",
    [
        "问责〔2025〕1号",
        "问责（2025）1号",
        "问责[2025]1号",
        "问责(2025)1号",
        "教问责〔2025〕第1-2号",
    ],
)
async def test_numbers_of_documents_are_taken(scenario: Scenario, case_no: str) -> None:
    text = CASE.read_text("utf-8").replace("2162990001", SCHOOL)
    body = text.replace("问责〔2025〕1号", case_no).encode()
    headers = scenario.as_("bureau_admin")
    found = await attempt(scenario.client, headers, "cases", body, file_name="leads.csv")
    assert (found.code, found.counts, found.faults) == (None, (1, 0, 0, 0), [])
    answer = await scenario.call("GET", f"/v1/cases/by-key/{case_no}")
    assert answer.json()["case_no"] == case_no


@pytest.mark.parametrize("case_no", ["问责 2025", "问责{2025}1号", "a/b"])
async def test_other_characters_stay_out(scenario: Scenario, case_no: str) -> None:
    answer = await scenario.call("POST", "/v1/cases", json=LEAD | {"case_no": case_no})
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/case_no", "string_pattern_mismatch")
    assert "括号" in fault["message"]


async def test_nothing_is_found_in_the_future(scenario: Scenario) -> None:
    answer = await scenario.call("POST", "/v1/cases", json=LEAD | {"found_on": LATER})
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/found_on", "found_on.after_today")
    assert LATER in fault["message"]
    text = CASE.read_text("utf-8").replace("2162990001", SCHOOL).replace("2025-03-05", LATER)
    headers = scenario.as_("bureau_admin")
    found = await attempt(scenario.client, headers, "cases", text, file_name="leads.csv")
    assert found.faults == [(2, "found_on", "found_on.after_today")]
