"""Who sees which cases: the own bureau, the own schools, and nothing else even exists."""

from typing import Any

import httpx
import pytest

from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.accountability.scenario import (
    BODIES,
    LEAD,
    OTHER_SCHOOL,
    SCHOOL,
    SCOPES,
    Scenario,
    codes,
)
from tests.support.tokens import bearer, claims

NAMED = {"respondents": [{"staff_no": "T1", "responsibility": "first"}]}
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/events", None),
    ("PATCH", "", {"title": "改名"}),
    ("POST", "/respondents", NAMED),
    ("DELETE", "/respondents/T1", None),
    *(("POST", f":{verb}", BODIES.get(verb)) for verb in ("file", "reject", "propose", "review")),
    *(("POST", f":{verb}", BODIES.get(verb)) for verb in ("return", "decide", "execute", "close")),
]


async def strangers(scenario: Scenario) -> list[dict[str, str]]:
    """A caller of another bureau, one of another school, and plain staff of the right school."""
    return [
        bearer(bureau="999999", scopes=SCOPES),
        bearer(bureau=scenario.bureau, scopes=SCOPES, schools=[OTHER_SCHOOL], staff_no="S1"),
        bearer("staff", bureau=scenario.bureau, scopes=SCOPES, schools=[SCHOOL], staff_no="T1"),
    ]


@pytest.mark.parametrize(("method", "suffix", "body"), ROUTES, ids=lambda value: str(value)[:24])
async def test_for_strangers_the_case_is_not_there(
    scenario: Scenario, method: str, suffix: str, body: Any
) -> None:
    case = await scenario.lead("T2")
    scenario.gateway.staff["T1"]["school_code"] = OTHER_SCHOOL  # known to the second stranger
    for headers in (await strangers(scenario))[:2]:
        response = await scenario.client.request(
            method,
            f"/v1/cases/{case['id']}{suffix}",
            headers=headers,
            **({} if body is None else {"json": body}),
        )
        assert response.status_code == 404, response.text
        assert response.json()["code"] == "accountability.case_not_found"
    assert await scenario.read(case["id"]) == case


async def test_plain_staff_see_no_case(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    headers = (await strangers(scenario))[2]
    for path in (f"/v1/cases/{case['id']}", f"/v1/cases/by-key/{case['case_no']}"):
        assert (await scenario.client.get(path, headers=headers)).status_code == 404
    filed = await scenario.client.post(f"/v1/cases/{case['id']}:file", headers=headers)
    assert filed.status_code == 404
    listed = await scenario.client.get("/v1/cases", headers=headers)
    assert (listed.status_code, listed.json()["code"]) == (403, "auth.sees_no_rows")


async def listed(scenario: Scenario, headers: dict[str, str]) -> list[str]:
    response = await scenario.client.get("/v1/cases", headers=headers)
    return [row["id"] for row in response.json()["data"]]


async def test_lists_and_summaries_hold_the_own_rows_only(scenario: Scenario) -> None:
    mine = await scenario.lead()
    other = await scenario.lead(school_code=OTHER_SCHOOL)
    head = scenario.as_("school_head", schools=[SCHOOL])
    assert await listed(scenario, head) == [mine["id"]]
    assert await listed(scenario, scenario.as_("bureau_admin")) == [mine["id"], other["id"]]
    assert await listed(scenario, bearer("bureau_admin", bureau="999999")) == []
    summary = await scenario.client.get("/v1/summary", headers=head)
    assert summary.json()["cases"] == 1


async def test_case_numbers_are_per_bureau(scenario: Scenario) -> None:
    mine = await scenario.lead(case_no="A-1")
    elsewhere = Scenario(scenario.app, scenario.client, scenario.gateway, "999998")
    other = await elsewhere.call("POST", "/v1/cases", json=LEAD | {"case_no": mine["id"][:32]})
    assert other.status_code == 201
    found = await elsewhere.call("GET", "/v1/cases/by-key/A-1")
    assert found.status_code == 404


async def test_a_school_head_opens_cases_on_the_own_school(scenario: Scenario) -> None:
    headers = scenario.as_("school_head", schools=[SCHOOL])

    async def post(school: str) -> httpx.Response:
        body = LEAD | {"school_code": school}
        return await scenario.client.post("/v1/cases", json=body, headers=headers)

    assert (await post(SCHOOL)).status_code == 201
    refused = await post(OTHER_SCHOOL)
    assert codes(refused) == {("/school_code", "school.out_of_scope")}


async def test_postgres_hides_the_rows_of_other_schools_by_itself(scenario: Scenario) -> None:
    for school in (SCHOOL, OTHER_SCHOOL):
        await scenario.lead("T1", school_code=school)
    claimed = claims(["school_head"], bureau=scenario.bureau, schools=[SCHOOL], staff_no="T2")
    async with scenario.app.state.resources[Database].connection(
        Caller.from_claims(claimed)
    ) as connection:
        for name in ("case_file", "respondent", "case_event"):
            count = f"select count(*) from {name} where bureau_code = $1"
            assert await connection.fetchval(count, scenario.bureau) == 1
            assert await scenario.sql(count, scenario.bureau) == 2
