import asyncio
import re

from tests.accountability.world import TO_REVIEW, World, this_year


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
    taken = await world.lead(case_no=f"{this_year()}-003")
    cases = await asyncio.gather(*(world.lead() for _ in range(8)))
    # A refused creation gives its number back.
    refused = await world.call("POST", "/v1/cases", json={"title": "缺字段"})
    assert refused.status_code == 422
    conflict = await world.call(
        "POST", "/v1/cases", json={key: taken[key] for key in _given} | {"respondents": []}
    )
    assert conflict.status_code == 409
    last = await world.lead()
    numbers = {case["case_no"] for case in [*cases, taken, last]}
    assert numbers == {f"{this_year()}-{number:03d}" for number in range(1, 11)}
    assert all(re.fullmatch(r"\d{4}-\d{3}", number) for number in numbers)


_given = ("case_no", "title", "facts", "trigger", "source", "school_code", "found_on")
