"""`allowed_verbs` of cycles and corrections: by scope, guard and the day."""

from datetime import date, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.roles import ROLES
from services.appraisal.calendar.working_days import BureauCalendar
from services.appraisal.calendar.working_days_sql import working_days
from tests.appraisal.test_directives import confirmed, corrections, decide
from tests.appraisal.test_public_notice import EVE, determined, exception
from tests.appraisal.year import Year, even, person
from tests.support.database import admin_url

VERBS = ("open", "start-scoring", "determine", "reopen", "publish-notice", "withdraw", "confirm")
STATES = {"draft", "open", "scoring", "determined", "public_notice", "confirmed"}
LEADER = "bureau_leader"


async def allowed(year: Year, role: str = "bureau_admin") -> list[str]:
    """What a role may do with the cycle."""
    verbs: list[str] = (await year.ok("GET", "{c}", role=role))["allowed_verbs"]
    return verbs


async def test_a_leader_may_confirm_from_the_day_after_the_public_notice(year: Year) -> None:
    await determined(year)
    await year.travel(EVE)
    published = await year.ok("POST", "{c}:publish-notice")
    assert published["allowed_verbs"] == ["withdraw"]
    await year.travel("2026-02-25T23:59:50+08:00")
    before = await year.call("GET", "{c}", role=LEADER)
    assert before.json()["allowed_verbs"] == []
    known = {"If-None-Match": before.headers["etag"]}
    assert (await year.call("GET", "{c}", role=LEADER, headers=known)).status_code == 304
    await year.travel("2026-02-26T00:00:05+08:00")
    after = await year.call("GET", "{c}", role=LEADER, headers=known)
    assert (after.status_code, after.json()["allowed_verbs"]) == (200, ["confirm"])
    assert after.json()["version"] == before.json()["version"]
    assert await allowed(year) == ["withdraw"]
    match = {"If-Match": before.headers["etag"]}
    confirmed_ = await year.ok("POST", "{c}:confirm", role=LEADER, headers=match)
    assert confirmed_["allowed_verbs"] == []


async def test_days_made_off_since_keep_a_public_notice_from_being_confirmed(year: Year) -> None:
    await determined(year)
    await year.travel(EVE)
    await year.ok("POST", "{c}:publish-notice")
    await year.travel("2026-02-26T09:00:00+08:00")
    assert await allowed(year, LEADER) == ["confirm"]
    await exception(year, "2026-02-24", is_working=False)
    assert await allowed(year, LEADER) == []
    refused = await year.call("POST", "{c}:confirm", role=LEADER)
    assert refused.json()["code"] == "appraisal.public_notice_too_short"
    assert "5" in refused.json()["detail"]
    assert "4" in refused.json()["detail"]


@pytest.mark.parametrize(
    "role", [role.value for role in ROLES if "cycles:read" in ROLES[role].scopes]
)
async def test_every_reader_of_a_cycle_reads_its_verbs(year: Year, role: str) -> None:
    await determined(year)
    await year.travel(EVE)
    await year.ok("POST", "{c}:publish-notice")
    schools = {"schools": ["2162000001"], "staff_no": "P0"}
    for subject in ({}, schools):
        for path in ("/v1/cycles", f"/v1/cycles/{year.cycle_id}"):
            answer = await year.client.get(path, headers=year.headers(role, **subject))
            assert answer.status_code == 200, answer.text
            (row,) = answer.json()["data"] if "data" in answer.json() else [answer.json()]
            assert row["allowed_verbs"] == (["withdraw"] if role == "bureau_admin" else [])


async def test_stale_results_are_neither_published_nor_confirmed(year: Year) -> None:
    await determined(year)
    assert await allowed(year) == ["determine", "reopen", "publish-notice"]
    await year.directive("P1")
    assert await allowed(year) == ["determine", "reopen"]
    refused = await year.call("POST", "{c}:publish-notice")
    assert refused.json()["code"] == "appraisal.results_stale"
    await year.ok("POST", "{c}:determine")
    assert "publish-notice" in await allowed(year)


async def test_nobody_is_shown_that_they_may_decide_on_their_own_correction(year: Year) -> None:
    await confirmed(year)
    await year.directive("P0")
    (correction,) = await corrections(year)
    assert correction["allowed_verbs"] == []  # an administrator's, who decides on none
    path = f"/v1/corrections/{correction['id']}"
    for staff_no, verbs in (("P0", []), ("P1", ["apply", "dismiss"]), (None, ["apply", "dismiss"])):
        headers = year.headers(LEADER, staff_no=staff_no)
        assert (await year.ok("GET", path, headers=headers))["allowed_verbs"] == verbs
        page = await year.ok("GET", "/v1/corrections", headers=headers)
        assert [row["allowed_verbs"] for row in page["data"]] == [verbs]
    decided = (await decide(year, correction, "apply")).json()
    assert (decided["state"], decided["allowed_verbs"]) == ("applied", [])


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_any_sequence_of_verbs_does_what_allowed_verbs_foretells(
    year: Year, data: Any
) -> None:
    year.registry.staff[year.bureau] = [person("P0", employed_on="1999-09-01")]
    moment = date(2026, 1, 5)
    await year.travel(f"{moment}T09:00:00+08:00")
    number = 2000 + data.draw(st.integers(0, 99))
    found = await year.call("GET", f"/v1/cycles/by-key/{number}")
    if found.status_code == 404:
        found = await year.call("POST", "/v1/cycles", json={"year": number})
    year.cycle_id = found.json()["id"]
    for name in data.draw(st.lists(st.sampled_from((*VERBS, "wait")), min_size=4, max_size=9)):
        if name == "wait":
            moment += timedelta(days=5)
            await year.travel(f"{moment}T09:00:00+08:00")
            continue
        role = LEADER if name == "confirm" else "bureau_admin"
        before = await year.ok("GET", "{c}", role=role)
        if before["state"] == "scoring":
            await year.load("scores", [{"staff_no": "P0"} | even(70)])
            before = await year.ok("GET", "{c}", role=role)
        answer = await year.call("POST", f"{{c}}:{name}", role=role)
        assert (answer.status_code == 200) == (name in before["allowed_verbs"]), answer.text
        assert (await year.ok("GET", "{c}"))["state"] in STATES


async def test_postgresql_counts_working_days_as_the_calendar_does(year: Year) -> None:
    dice = Random(20260105)
    own = {date(2026, 1, 1) + timedelta(days=dice.randrange(400)): dice.random() < 0.5
           for _ in range(40)}  # fmt: skip
    calendar = BureauCalendar(own)
    starts = [date(2003, 6, 1) + timedelta(days=dice.randrange(9500)) for _ in range(200)]
    starts += [date(2026, 1, 1) + timedelta(days=dice.randrange(400)) for _ in range(100)]
    spans = [(day, day + timedelta(days=dice.randrange(40))) for day in starts]
    connection = await asyncpg.connect(admin_url(), server_settings={"search_path": "appraisal"})
    try:
        await connection.executemany(
            "insert into calendar_day (bureau_code, day, is_working) values ($1, $2, $3)",
            [(year.bureau, day, is_working) for day, is_working in own.items()],
        )
        rows = await connection.fetch(
            f"select {working_days('$1', 's.from_on', 's.to_on')} as days "
            "from unnest($2::date[], $3::date[]) with ordinality s (from_on, to_on, n) order by n",
            year.bureau,
            *zip(*spans, strict=True),
        )
    finally:
        await connection.close()
    assert [row["days"] for row in rows] == [calendar.count(*span) for span in spans]
