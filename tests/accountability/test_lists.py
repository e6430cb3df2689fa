import csv
import io
import json
from typing import Any

import pytest

from tests.accountability.scenario import OTHER_SCHOOL, Scenario, codes


async def county(scenario: Scenario) -> dict[str, str]:
    """Four cases, by short names, as case numbers."""
    decided = await scenario.decided(T1="M2", T2="M1")
    audit = await scenario.lead("T3", source="audit", title="虚列支出 100%", found_on="2024-06-19")
    other = await scenario.lead(
        "S1", school_code=OTHER_SCHOOL, trigger="T2-3", found_on="2025-12-31"
    )
    rejected = await scenario.lead("T1")
    await scenario.go(rejected["id"], "file", "propose", "reject")
    cases = {"decided": decided, "audit": audit, "other": other, "rejected": rejected}
    return {case["case_no"]: name for name, case in cases.items()}


async def names(scenario: Scenario, known: dict[str, str], query: str) -> list[str]:
    response = await scenario.call("GET", f"/v1/cases?{query}")
    assert response.status_code == 200, response.text
    return [known[row["case_no"]] for row in response.json()["data"]]


async def test_filters(scenario: Scenario) -> None:
    known = await county(scenario)
    expected = {
        "": ["decided", "audit", "other", "rejected"],
        "state=lead": ["audit", "other"],
        "state=decided&state=rejected": ["decided", "rejected"],
        "trigger=T2-3": ["other"],
        "source=audit": ["audit"],
        f"school_code={OTHER_SCHOOL}": ["other"],
        "measure=M2": ["decided", "rejected"],
        "measure=M1": ["decided"],
        "measure=M2&state=decided": ["decided"],
        "staff_no=T1": ["decided", "rejected"],
        "staff_no=T3&staff_no=S1": ["audit", "other"],
        "found_on_gte=2025-04-09&found_on_lt=2025-12-31": ["decided", "rejected"],
        "found_on_lte=2024-12-31": ["audit"],
        "q=虚列": ["audit"],
        "q=100%25": ["audit"],
        "q=%25": ["audit"],
        "sort=-found_on&limit=1": ["other"],
        "sort=-case_no": ["rejected", "other", "audit", "decided"],
    }
    for query, wanted in expected.items():
        assert await names(scenario, known, query) == wanted, query
    number = next(iter(known))
    assert await names(scenario, known, f"case_no={number}") == ["decided"]


async def test_pages_follow_each_other(scenario: Scenario) -> None:
    known = await county(scenario)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 1, "sort": "-found_on", "total": "exact"}
    for _ in range(len(known)):
        page = (await scenario.call("GET", "/v1/cases", params=query)).json()
        assert page["total"] == 4
        seen += [known[row["case_no"]] for row in page["data"]]
        query["cursor"] = page["next_cursor"]
    assert query["cursor"] is None
    assert seen[0] == "other"
    assert sorted(seen) == sorted(known.values())


async def test_history_is_paged_within_its_case(scenario: Scenario) -> None:
    first, second = await scenario.decided(T1="M1"), await scenario.decided(T2="M1")
    path = f"/v1/cases/{first['id']}/events"
    page = (await scenario.call("GET", f"{path}?limit=2")).json()
    assert [event["verb"] for event in page["data"]] == ["open", "file"]
    params = {"limit": 2, "cursor": page["next_cursor"]}
    rest = (await scenario.call("GET", path, params=params)).json()
    assert [event["verb"] for event in rest["data"]] == ["propose", "review"]
    elsewhere = await scenario.call("GET", f"/v1/cases/{second['id']}/events", params=params)
    assert elsewhere.json()["code"] == "platform.cursor_invalid"


@pytest.mark.parametrize("query", ["nonsense=1", "limit=0", "sort=facts", "found_on_gte=x"])
async def test_unknown_parameters_are_refused(scenario: Scenario, query: str) -> None:
    refused = await scenario.call("GET", f"/v1/cases?{query}")
    assert refused.status_code == 422
    assert codes(refused)


async def test_exports_carry_respondents_too(scenario: Scenario) -> None:
    await county(scenario)
    await scenario.lead(title="=1+1")
    listed = (await scenario.call("GET", "/v1/cases")).json()["data"]

    lines = (await scenario.call("GET", "/v1/cases?format=ndjson")).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in listed]
    only_listed = {name: listed[0][name] for name in ("allowed_verbs", "etag")}
    assert json.loads(lines[0]) | only_listed == listed[0]

    table = await scenario.call("GET", "/v1/cases?format=csv&state=decided")
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert row["measure"] == "M2"
    assert [one["measure"] for one in json.loads(row["respondents"])] == ["M2", "M1"]
    formula = (await scenario.call("GET", "/v1/cases?format=csv&q=1%2B1")).text
    assert "'=1+1" in formula


async def test_the_summary_counts_what_is_in_force(scenario: Scenario) -> None:
    await county(scenario)
    summary = (await scenario.call("GET", "/v1/summary")).json()
    assert summary["cases"] == 4
    states = {one["code"]: one["cases"] for one in summary["by_state"]}
    assert (states["lead"], states["decided"], states["rejected"], states["closed"]) == (2, 1, 1, 0)
    assert {one["code"]: one["cases"] for one in summary["by_trigger"]}["T1-3"] == 3
    measures = {one["code"]: (one["cases"], one["people"]) for one in summary["by_measure"]}
    # The rejected case's M2 was proposed, never in force.
    assert measures == {"M1": (1, 1), "M2": (1, 1), "M3": (0, 0), "M4": (0, 0), "M5": (0, 0)}
    year = (await scenario.call("GET", "/v1/summary?year=2024")).json()
    assert (year["year"], year["cases"]) == (2024, 1)
