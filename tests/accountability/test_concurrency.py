import asyncio

import pytest

from services.accountability.cases.numbering import next_case_no
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.accountability.scenario import LEAD, OTHER_SCHOOL, SCHOOL, TO_REVIEW, Scenario, this_year
from tests.support.tokens import claims


async def test_of_concurrent_verbs_exactly_one_wins(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    answers = await asyncio.gather(*(scenario.do(case["id"], "file") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert [event["verb"] for event in await scenario.events(case["id"])] == ["open", "file"]


async def test_of_different_verbs_the_first_one_wins(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *TO_REVIEW)
    answers = await asyncio.gather(
        *(scenario.do(case["id"], verb) for verb in ("decide", "return", "decide", "return"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    winner = next(answer.json()["state"] for answer in answers if answer.status_code == 200)
    assert (await scenario.read(case["id"]))["state"] == winner


async def test_a_decision_is_made_once_and_directs_once(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    proposal = {"measures": [{"staff_no": "T1", "measure": "M4"}], "opinion": "建议"}
    await scenario.go(case["id"], *TO_REVIEW, propose=proposal)
    answers = await asyncio.gather(*(scenario.do(case["id"], "decide") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    jobs = "select count(*) from pgqueuer where convert_from(payload, 'UTF8') like $1"
    assert await scenario.sql(jobs, f"%{scenario.bureau}-{case['case_no']}.T1%") == 1


async def test_numbers_have_no_gaps(scenario: Scenario) -> None:
    await scenario.lead(case_no=f"{this_year()}-003")
    cases = await asyncio.gather(*(scenario.lead() for _ in range(8)))
    numbers = {case["case_no"] for case in cases}
    assert numbers == {f"{this_year()}-{number:03d}" for number in (1, 2, *range(4, 10))}


async def test_a_refused_creation_gives_its_number_back(scenario: Scenario) -> None:
    first = await scenario.lead()
    caller = Caller.from_claims(claims(["bureau_admin"], bureau=scenario.bureau))

    async def take_and_fail() -> None:
        async with scenario.app.state.resources[Database].session(caller) as session:
            taken = await next_case_no(session, scenario.bureau, this_year())
            raise RuntimeError(f"{taken} is lost")

    with pytest.raises(RuntimeError, match="-002 is lost"):
        await take_and_fail()
    second = await scenario.lead()
    assert (first["case_no"], second["case_no"]) == (f"{this_year()}-001", f"{this_year()}-002")


async def test_numbers_of_cases_one_cannot_see_are_passed_over(scenario: Scenario) -> None:
    await scenario.lead(case_no=f"{this_year()}-001", school_code=OTHER_SCHOOL)
    head = scenario.as_("school_head", schools=[SCHOOL])
    mine = await scenario.client.post("/v1/cases", json=LEAD, headers=head)
    assert mine.json()["case_no"] == f"{this_year()}-002"
    taken = LEAD | {"case_no": f"{this_year()}-001"}
    refused = await scenario.client.post("/v1/cases", json=taken, headers=head)
    assert refused.json()["code"] == "accountability.case_no_taken"
