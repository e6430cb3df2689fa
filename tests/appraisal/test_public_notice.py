from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from tests.appraisal.year import Year, even, person
from tests.support.database import admin_url
from tests.support.tokens import bearer

EVE = "2026-02-12T08:00:00+08:00"  # a Thursday; then holidays from the 15th to the 23rd


async def determined(year: Year, rules: dict[str, Any] | None = None) -> None:
    """A cycle with one 优秀 among ten people."""
    staff = [person(f"P{n}", duty=None if n else "校长") for n in range(10)]
    if rules:
        body = {"code": "mine", "name": "自定", "rules": rules}
        await year.ok("PUT", "/v1/rule-sets/by-key/mine", json=body)
    await year.begin(staff, **({"rule_set": "mine"} if rules else {}))
    await year.score({f"P{n}": even(70) for n in range(1, 10)} | {"P0": even(95)})
    await year.determine()


async def exception(year: Year, day: str, is_working: bool) -> None:
    """The bureau's own calendar."""
    body = {"day": day, "is_working": is_working, "note": "本局规定"}
    await year.ok("PUT", f"/v1/calendar-days/{day}", json=body)


async def days(year: Year, from_on: str, count: int = 5) -> tuple[str, str]:
    """When so many working days are over, and how that is known."""
    answer = await year.ok("GET", f"/v1/working-days?from_on={from_on}&days={count}")
    return answer["to_on"], answer["source"]


async def test_statutory_holidays_and_make_up_days(year: Year) -> None:
    assert await days(year, "2026-02-12") == ("2026-02-25", "statutory")  # 12 13 14 24 25
    assert await days(year, "2026-02-15", 1) == ("2026-02-24", "statutory")
    assert await days(year, "2026-02-27", 3) == ("2026-03-02", "statutory")  # Saturday the 28th
    assert await days(year, "2026-01-01") == ("2026-01-08", "statutory")  # Sunday the 4th
    assert await days(year, "2025-12-29") == ("2026-01-05", "statutory")


async def test_a_year_without_published_holidays_says_so(year: Year) -> None:
    assert await days(year, "2199-01-01") == ("2199-01-07", "weekends_only")
    assert (await days(year, "2026-12-30"))[1] == "weekends_only"  # reaches into 2027


@pytest.mark.quick("services.appraisal.calendar")
async def test_the_bureaus_own_days_come_first(year: Year) -> None:
    await exception(year, "2026-02-24", False)
    await exception(year, "2026-02-15", True)
    assert await days(year, "2026-02-12") == ("2026-02-25", "statutory")  # 12 13 14 15 25
    other = Year(year.client, year.registry, "999991")
    assert await days(other, "2026-02-16", 1) == ("2026-02-24", "statutory")
    listed = await year.ok("GET", "/v1/calendar-days?day_gte=2026-02-01&day_lt=2026-02-20")
    assert [(row["day"], row["is_working"]) for row in listed["data"]] == [("2026-02-15", True)]
    stale = year.headers() | {"If-Match": '"7"'}
    answer = await year.call("DELETE", "/v1/calendar-days/2026-02-24", headers=stale)
    assert answer.status_code == 412
    assert (await year.call("DELETE", "/v1/calendar-days/2026-02-24")).status_code == 204
    assert (await year.call("DELETE", "/v1/calendar-days/2026-02-24")).status_code == 404
    assert await days(year, "2026-02-16", 1) == ("2026-02-24", "statutory")


@pytest.mark.parametrize(
    "query", ["from_on=9999-12-31", "from_on=1800-01-01", "from_on=x", "days=0", "days=201", ""]
)
async def test_days_that_cannot_be_counted_are_refused(year: Year, query: str) -> None:
    query = query if "from_on" in query else f"from_on=2026-01-05&{query}" if query else ""
    assert (await year.call("GET", f"/v1/working-days?{query}")).status_code == 422


async def test_the_shortest_public_notice_is_the_default(year: Year) -> None:
    await determined(year)
    await year.travel(EVE)
    noticed = await year.ok("POST", "{c}:publish-notice")
    assert (noticed["public_notice_from_on"], noticed["public_notice_to_on"]) == (
        "2026-02-12", "2026-02-25",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("period", "faults"),
    [
        ({"from_on": "2026-02-11"}, [("/from_on", "public_notice.past")]),
        ({"to_on": "2026-02-24"}, [("/to_on", "public_notice.too_short")]),
        ({"from_on": "2026-02-15", "to_on": "2026-02-27"}, [("/to_on", "public_notice.too_short")]),
        ({"to_on": "2026-02-01"}, [("/to_on", "public_notice.too_short")]),
        (
            {"from_on": "2026-01-01", "to_on": "2026-01-02"},
            [("/from_on", "public_notice.past"), ("/to_on", "public_notice.too_short")],
        ),
        ({"to_on": "9999-12-31"}, [("/to_on", "date.implausible")]),
        ({"until": "2026-03-01"}, [("/until", "extra_forbidden")]),
    ],
)
async def test_too_short_or_past_is_refused(
    year: Year, period: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    await determined(year)
    await year.travel(EVE)
    answer = await year.call("POST", "{c}:publish-notice", json=period)
    assert answer.status_code == 422
    assert [(f["pointer"], f["code"]) for f in answer.json()["errors"]] == faults
    assert (await year.ok("GET", "{c}"))["state"] == "determined"


async def test_a_make_up_day_counts_and_a_holiday_does_not(year: Year) -> None:
    await determined(year)
    await year.travel(EVE)
    exact = {"from_on": "2026-02-14", "to_on": "2026-02-27"}  # Saturday 14, 24 25 26 27
    assert (await year.call("POST", "{c}:publish-notice", json=exact)).status_code == 200


async def test_the_rules_may_ask_for_longer(year: Year) -> None:
    await determined(year, {"public_notice_working_days": 7})
    await year.travel(EVE)
    short = await year.call("POST", "{c}:publish-notice", json={"to_on": "2026-02-26"})
    assert short.json()["errors"][0]["params"] == {"required": 7, "days": 6}
    assert (await year.ok("POST", "{c}:publish-notice"))["public_notice_to_on"] == "2026-02-27"


async def test_a_bureau_that_never_works_cannot_publish_a_notice(year: Year) -> None:
    await determined(year)
    connection = await asyncpg.connect(admin_url())
    await connection.executemany(
        "insert into appraisal.calendar_day (bureau_code, day, is_working) values ($1, $2, false)",
        [(year.bureau, date(2026, 1, 1) + timedelta(days=n)) for n in range(400)],
    )
    await connection.close()
    answer = await year.call("POST", "{c}:publish-notice")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "calendar.too_few")


async def test_confirmation_waits_for_the_day_after(year: Year) -> None:
    await determined(year)
    await year.travel(EVE)
    await year.ok("POST", "{c}:publish-notice")
    await year.travel("2026-02-25T23:59:58+08:00")
    early = await year.call(
        "POST", "{c}:confirm", role="bureau_leader", headers={"Accept-Language": "en"}
    )
    assert (early.status_code, early.json()["code"]) == (409, "appraisal.public_notice_running")
    assert "2026-02-25" in early.json()["detail"]
    await year.travel("2026-02-26T00:00:01+08:00")
    confirmed = await year.ok("POST", "{c}:confirm", role="bureau_leader")
    assert (confirmed["state"], confirmed["confirmed_by"]) == ("confirmed", "tester")
    assert confirmed["confirmed_at"].startswith("2026-02-26T00:00")


async def test_the_list_tells_name_unit_post_and_grade_alone(year: Year) -> None:
    await determined(year)
    assert (await year.ok("GET", "{c}/public-notice"))["data"] == []
    await year.ok("POST", "{c}:publish-notice")
    expected = {
        "name": "员工P0", "school_name": "学校2162000001", "duty": "校长", "result": "excellent",
    }  # fmt: skip
    officer = {"schools": ["2162000009"]}
    for role, subject in (
        ("staff", {"staff_no": "P5"}), ("school_officer", officer), ("bureau_admin", {}),
    ):  # fmt: skip
        headers = year.headers(role, **subject)
        page = await year.ok("GET", "{c}/public-notice", headers=headers)
        assert page["data"] == [expected]
    table = (await year.call("GET", "{c}/public-notice?format=csv")).text
    assert table.splitlines() == [",".join(expected), ",".join(expected.values())]
    await year.ok("POST", "{c}:withdraw")
    assert (await year.ok("GET", "{c}/public-notice"))["data"] == []


@pytest.mark.quick("services.appraisal.results")
@pytest.mark.parametrize("kind", ["csv", "ndjson", "xlsx"])
async def test_everybodys_list_is_everybodys_file(year: Year, kind: str) -> None:
    await determined(year)
    await year.ok("POST", "{c}:publish-notice")
    path = f"{{c}}/public-notice?format={kind}"
    whole = await year.call("GET", path)
    elsewhere = year.headers("school_head", schools=["2162000009"])
    seen = await year.call("GET", path, headers=elsewhere)
    assert seen.status_code == 200
    if kind == "xlsx":  # two workbooks differ in the time they were made
        assert abs(len(seen.content) - len(whole.content)) < 50
    else:
        assert seen.content == whole.content
        assert "P0" in seen.text


async def test_days_made_off_meanwhile_do_not_count_at_confirmation(year: Year) -> None:
    await year.begin([person("P1")])
    await year.score({"P1": even(70)})
    await year.determine()
    cycle = await year.ok("POST", "{c}:publish-notice")
    day = {"day": cycle["public_notice_to_on"], "is_working": False}
    await year.ok("PUT", f"/v1/calendar-days/{day['day']}", json=day)
    later = {"now": "2026-01-20T09:00:00+08:00"}
    await year.client.put("/v1/clock", json=later, headers=bearer("system_admin", bureau=None))
    refused = await year.call("POST", "{c}:confirm", role="bureau_leader")
    assert (refused.status_code, refused.json()["code"]) == (
        409,
        "appraisal.public_notice_too_short",
    )
