"""ETags of the appraisal: nothing that has changed is taken for what was read before."""

import asyncio
from typing import Any

import httpx

from tests.appraisal.year import Year, even, person

PEOPLE = [person(f"P{n}") for n in range(4)]
DAY = "/v1/calendar-days/2026-12-25"


async def result_of(year: Year, known: str | None = None, language: str = "zh-CN") -> Any:
    """The first person's result."""
    headers = {"Accept-Language": language} | ({"If-None-Match": known} if known else {})
    return await year.call("GET", "{c}/results/P0", headers=headers)


async def history_of(year: Year) -> list[str]:
    """What has been done to the first person's result, the earliest first."""
    result = (await result_of(year)).json()
    page = await year.ok("GET", f"/v1/results/{result['id']}/history")
    return [entry["operation"] for entry in page["data"]][::-1]


async def test_a_result_that_was_discarded_and_comes_otherwise_is_a_new_state(year: Year) -> None:
    await year.begin(PEOPLE)
    await year.score({f"P{n}": even(80) for n in range(4)})
    await year.determine()
    before = await result_of(year)
    assert (await result_of(year, before.headers["etag"])).status_code == 304
    await year.ok("POST", "{c}:reopen")
    await year.ok("PUT", "{c}/scores/P0", json=even(10))
    await year.determine()
    after = await result_of(year, before.headers["etag"])
    assert (after.status_code, after.json()["total"], after.json()["version"]) == (200, 10, 2)
    assert after.json()["id"] == (await result_of(year)).json()["id"]
    assert await history_of(year) == ["insert", "delete", "insert"]


async def test_determined_again_only_what_comes_otherwise_changes(year: Year) -> None:
    await year.begin(PEOPLE)
    await year.score({f"P{n}": even(80) for n in range(4)})
    before = await year.determine()
    await year.directive("P0")
    after = await year.determine()
    assert (after["P0"]["result"], after["P0"]["version"]) == ("unqualified", 2)
    assert after["P0"]["id"] == before["P0"]["id"]
    others = [staff_no for staff_no in after if staff_no != "P0"]
    assert {staff_no: after[staff_no] for staff_no in others} == {
        staff_no: before[staff_no] for staff_no in others
    }
    assert await history_of(year) == ["insert", "update"]
    assert (await year.determine()) == after


async def test_a_result_in_another_language_is_another_answer(year: Year) -> None:
    await year.begin(PEOPLE)
    await year.score({f"P{n}": even(80) for n in range(4)})
    await year.determine()
    chinese = await result_of(year)
    english = await result_of(year, chinese.headers["etag"], "en")
    assert english.status_code == 200
    assert english.headers["etag"] != chinese.headers["etag"]


async def put_scores(year: Year, points: int, **headers: str) -> httpx.Response:
    """Score the first person."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await year.call("PUT", "{c}/scores/P0", json=even(points), headers=sent)


async def test_of_two_who_score_one_person_the_second_is_told(year: Year) -> None:
    await year.begin(PEOPLE)
    await year.score({})
    assert (await put_scores(year, 80, If_Match='"1"')).status_code == 412
    first = await put_scores(year, 80, If_None_Match="*")
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert (await put_scores(year, 70, If_None_Match="*")).status_code == 412
    answers = await asyncio.gather(*(put_scores(year, n, If_Match='"1"') for n in range(60, 66)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    (row,) = (await year.ok("GET", "{c}/scores"))["data"]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert row == won | {"etag": '"2"'}
    same = await put_scores(year, int(won["virtue"]), If_Match='"2"')
    assert same.headers["etag"] == '"2"', "the same scores are no change"


async def put_day(year: Year, is_working: bool, etag: str | None = None) -> httpx.Response:
    """Set an exception of the calendar."""
    headers = {"If-Match": etag} if etag else {}
    body = {"day": "2026-12-25", "is_working": is_working}
    return await year.call("PUT", DAY, json=body, headers=headers)


async def test_of_many_who_set_one_day_one_wins(year: Year) -> None:
    firsts = await asyncio.gather(*(put_day(year, is_working=False) for _ in range(6)))
    assert sorted(answer.status_code for answer in firsts) == [200] * 5 + [201]
    etag = firsts[0].headers["etag"]
    answers = await asyncio.gather(*(put_day(year, is_working=True, etag=etag) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_a_day_that_was_removed_and_set_again_is_another_row(year: Year) -> None:
    etag = (await put_day(year, is_working=False)).headers["etag"]
    (row,) = (await year.ok("GET", "/v1/calendar-days"))["data"]
    assert row["etag"] == etag
    stale = await year.call("DELETE", DAY, headers={"If-Match": '"9-00000000"'})
    assert stale.status_code == 412
    assert (await year.call("DELETE", DAY, headers={"If-Match": etag})).status_code == 204
    assert (await put_day(year, is_working=False)).status_code == 201
    assert (await put_day(year, is_working=True, etag=etag)).status_code == 412


async def test_rule_sets_have_etags(year: Year) -> None:
    path = "/v1/rule-sets/by-key/own"

    async def put(**headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await year.call("PUT", path, json={"code": "own", "name": "规则"}, headers=sent)

    made = await put(If_None_Match="*")
    read = await year.call("GET", path)
    assert (made.status_code, read.headers["etag"]) == (201, made.headers["etag"])
    known = {"If-None-Match": read.headers["etag"]}
    assert (await year.call("GET", path, headers=known)).status_code == 304
    assert (await put(If_Match='"7"')).status_code == 412
    same = await put(If_Match=read.headers["etag"])
    assert (same.status_code, same.headers["etag"]) == (200, read.headers["etag"])
    founding = await year.call("GET", "/v1/rule-sets/by-key/founding")
    known = {"If-None-Match": founding.headers["etag"], "Accept-Language": "en"}
    answer = await year.call("GET", "/v1/rule-sets/by-key/founding", headers=known)
    assert answer.status_code == 200
