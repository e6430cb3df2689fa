import asyncio

import pytest

from services.accountability.cases.numbering import next_case_no
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.accountability.world import LEAD, OTHER_SCHOOL, SCHOOL, TO_REVIEW, World, this_year
from tests.support.tokens import claims


async def test_of_concurrent_verbs_exactly_one_wins(world: World) -> None:
    case = await world.lead("T1")
    answers = await asyncio.gather(*(world.do(case["id"], "file") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert [event["verb"] for event in await world.events(case["id"])] == ["open", "file"]


async def test_of_different_verbs_the_first_one_wins(world: World) -> None:
    case = await world.lead("T1")
    await world.go(case["id"], *TO_REVIEW)
    answers = await asyncio.gather(
        *(world.do(case["id"], verb) for verb in ("decide", "return", "decide", "return"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    winner = next(answer.json()["state"] for answer in answers if answer.status_code == 200)
    assert (await world.read(case["id"]))["state"] == winner


async def test_a_decision_is_made_once_and_directs_once(world: World) -> None:
    case = await world.lead("T1")
    proposal = {"measures": [{"staff_no": "T1", "measure": "M4"}], "opinion": "建议"}
    await world.go(case["id"], *TO_REVIEW, propose=proposal)
    answers = await asyncio.gather(*(world.do(case["id"], "decide") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    jobs = "select count(*) from pgqueuer where convert_from(payload, 'UTF8') like $1"
    assert await world.sql(jobs, f"%{world.bureau}-{case['case_no']}.T1%") == 1


async def test_numbers_have_no_gaps(world: World) -> None:
    await world.lead(case_no=f"{this_year()}-003")
    cases = await asyncio.gather(*(world.lead() for _ in range(8)))
    numbers = {case["case_no"] for case in cases}
    assert numbers == {f"{this_year()}-{number:03d}" for number in (1, 2, *range(4, 10))}


async def test_a_refused_creation_gives_its_number_back(world: World) -> None:
    first = await world.lead()
    caller = Caller.from_claims(claims(["bureau_admin"], bureau=world.bureau))

    async def take_and_fail() -> None:
        async with world.app.state.resources[Database].session(caller) as session:
            taken = await next_case_no(session, world.bureau, this_year())
            raise RuntimeError(f"{taken} is lost")

    with pytest.raises(RuntimeError, match="-002 is lost"):
        await take_and_fail()
    second = await world.lead()
    assert (first["case_no"], second["case_no"]) == (f"{this_year()}-001", f"{this_year()}-002")


async def test_numbers_of_cases_one_cannot_see_are_passed_over(world: World) -> None:
    await world.lead(case_no=f"{this_year()}-001", school_code=OTHER_SCHOOL)
    head = world.as_("school_head", schools=[SCHOOL])
    mine = await world.client.post("/v1/cases", json=LEAD, headers=head)
    assert mine.json()["case_no"] == f"{this_year()}-002"
    taken = LEAD | {"case_no": f"{this_year()}-001"}
    refused = await world.client.post("/v1/cases", json=taken, headers=head)
    assert refused.json()["code"] == "accountability.case_no_taken"
