import asyncio
import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.appraisal.main import app
from services.chassis.core.settings import Settings
from tests.appraisal.year import Year, even, person, reasons

ONE, TWO = "2162000001", "2162000002"


@pytest.fixture
async def done(year: Year) -> Year:
    """A determined year of two schools with every kind of result."""
    await year.begin([person(f"A{n}", ONE) for n in range(10)] + [person("B0", TWO)])
    points = {f"A{n}": even(70) for n in range(10)} | {"B0": even(55), "A0": even(95)}
    records = [
        {"staff_no": "A1", "kind": "refused", "starts_on": "2025-12-20", "ends_on": "2025-12-20"},
        {"staff_no": "A2", "kind": "病假", "starts_on": "2025-01-01", "ends_on": "2025-09-30"},
    ]
    await year.directive("A3", effect="cap", result="basically_qualified")
    await year.score(points, records)
    await year.determine()
    return year


async def test_every_result_explains_itself_in_both_languages(done: Year) -> None:
    zh, en = await done.results("zh-CN"), await done.results("en")
    for staff_no, row in zh.items():
        assert reasons(row) == reasons(en[staff_no])
        assert row["explanation"] == ";".join(reason["message"] for reason in row["reasons"])
        for shown, other in zip(row["reasons"], en[staff_no]["reasons"], strict=True):
            assert any("\u4e00" <= c <= "\u9fff" for c in shown["message"])
            assert "{" not in shown["message"] + other["message"]
            assert "%s" not in shown["message"] + other["message"]
    assert zh["A2"]["explanation"] == (
        "病、事假等累计 273 天，超过考核周期 365 天的一半，"
        "不定等次（《事业单位工作人员考核规定》第四十一条）"
    )
    assert en["A1"]["reasons"][0]["message"].startswith("Refused to participate")
    assert "2025-001（M4）限定不高于基本合格" in zh["A3"]["explanation"]
    assert zh["A0"]["reasons"][0]["message"].startswith("总分 95")


async def test_one_result(done: Year) -> None:
    listed = (await done.ok("GET", "{c}/results?staff_no=A0"))["data"]
    assert await done.ok("GET", "{c}/results/A0") | {"etag": '"1"'} == listed[0]
    missing = await done.call("GET", "{c}/results/Z9")
    assert (missing.status_code, missing.json()["code"]) == (404, "appraisal.result_not_found")


async def test_filters(done: Year) -> None:
    async def found(query: str) -> list[str]:
        page = await done.ok("GET", f"{{c}}/results?{query}")
        return [row["staff_no"] for row in page["data"]]

    assert await found("result=excellent&result=undetermined") == ["A0", "A2"]
    assert await found(f"school_code={TWO}") == ["B0"]
    assert await found("is_graded=false") == ["A2"]
    assert await found("total_gte=90") == ["A0"]
    assert await found("total_lt=60.5") == ["B0"]
    refused = await done.call("GET", "{c}/results?total_gte=9e1")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "decimal_parsing")
    assert await found("q=工A1") == ["A1"]
    assert await found("total_eq=95&rank=1&duty=x") == []
    assert await found("total_eq=95") == ["A0"]
    assert (await done.call("GET", "{c}/results?total=95")).status_code == 422
    assert (await done.call("GET", "{c}/results?explanation=x")).status_code == 422


def place_in(field: str) -> Callable[[dict[str, Any]], Any]:
    """What rows are ordered by; null comes last."""
    return lambda row: (row[field] is None, row[field] or 0)


async def test_order_of_several_fields_some_null(done: Year) -> None:
    rows = (await done.ok("GET", "{c}/results"))["data"]
    assert any(row["rank"] is None for row in rows)
    rows.sort(key=lambda row: row["staff_no"])
    for field, backwards in (("rank", True), ("school_code", False)):
        rows.sort(key=place_in(field), reverse=backwards)
    path, seen = "{c}/results?sort=school_code,-rank,staff_no&limit=2", list[str]()
    cursor: str | None = ""
    while cursor is not None:
        page = await done.ok("GET", path + (f"&cursor={cursor}" if cursor else ""))
        seen += [row["staff_no"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert seen == [row["staff_no"] for row in rows]


async def test_exports_say_what_the_list_says(done: Year) -> None:
    listed = (await done.ok("GET", "{c}/results"))["data"]
    assert {row.pop("etag") for row in listed} == {'"1"'}
    lines = (await done.call("GET", "{c}/results?format=ndjson")).text.splitlines()
    assert [json.loads(line) for line in lines] == listed
    table = list(
        csv.DictReader(io.StringIO((await done.call("GET", "{c}/results?format=csv")).text))
    )
    for cells, row in zip(table, listed, strict=True):
        assert list(cells) == list(row)
        assert json.loads(cells["reasons"]) == row["reasons"]
        assert cells["explanation"] == row["explanation"]
        assert float(cells["total"]) == row["total"]


@pytest.mark.parametrize(
    "resource", ["results", "participants", "participation-records", "scores", "summary"]
)
async def test_answers_are_as_documented(done: Year, resource: str) -> None:
    document = app.openapi()
    schema = document["paths"][f"/v1/cycles/{{cycle_id}}/{resource}"]["get"]["responses"]["200"]
    checker = Draft202012Validator(
        schema["content"]["application/json"]["schema"] | {"components": document["components"]}
    )
    page = await done.ok("GET", f"{{c}}/{resource}?total=exact")
    assert page["data"]
    assert [error.message for error in checker.iter_errors(page)] == []


@pytest.mark.quick("services.appraisal.results")
async def test_the_summary_adds_up(done: Year) -> None:
    rows = (await done.ok("GET", "{c}/summary"))["data"]
    assert [row["school_code"] for row in rows] == [ONE, TWO]
    kinds = ("excellent", "qualified", "basically_qualified", "unqualified", "undetermined")
    assert all(sum(row[kind] for kind in kinds) == row["participants"] for row in rows)
    assert [rows[0][kind] for kind in kinds] == [1, 6, 1, 1, 1]
    assert (rows[0]["base"], rows[0]["rate"], rows[0]["limit"]) == (10, 20, 2)
    assert rows[0]["school_name"] == f"学校{ONE}"


async def test_staff_see_their_own_year_alone(done: Year) -> None:
    mine = done.headers("staff", staff_no="A1")
    for resource in ("results", "participants", "scores"):
        page = await done.ok("GET", f"{{c}}/{resource}?total=exact", headers=mine)
        assert ([row["staff_no"] for row in page["data"]], page["total"]) == (["A1"], 1)
        text = (await done.call("GET", f"{{c}}/{resource}?format=ndjson", headers=mine)).text
        assert len(text.splitlines()) == 1
    assert (await done.call("GET", "{c}/results/A0", headers=mine)).status_code == 404
    summary = await done.call("GET", "{c}/summary", headers=mine)
    assert (summary.status_code, summary.json()["code"]) == (403, "auth.sees_no_rows")
    assert (await done.call("GET", "{c}/participation-records", headers=mine)).status_code == 403


async def test_a_school_sees_its_own_people(done: Year) -> None:
    own = done.headers("school_head", schools=[TWO])
    for resource in ("results", "participants", "scores"):
        page = await done.ok("GET", f"{{c}}/{resource}?total=exact", headers=own)
        assert ([row["staff_no"] for row in page["data"]], page["total"]) == (["B0"], 1)
    assert (await done.ok("GET", "{c}/participation-records", headers=own))["data"] == []
    summary = (await done.ok("GET", "{c}/summary", headers=own))["data"]
    assert [row["school_code"] for row in summary] == [TWO]
    assert (await done.call("GET", "{c}/results/A0", headers=own)).status_code == 404


async def test_many_lists_at_once_do_not_starve_each_other(done: Year) -> None:
    size = app.state.resources[Settings].pool_size
    calls = [done.call("GET", "{c}/results?limit=5") for _ in range(size * 3)]
    answers = await asyncio.wait_for(asyncio.gather(*calls), 4)
    assert {answer.status_code for answer in answers} == {200}


async def test_the_host_sees_its_guests_result(year: Year) -> None:
    await year.begin([person("A0", ONE), person("B0", TWO)])
    stay: dict[str, Any] = {
        "staff_no": "A0", "kind": "借调", "starts_on": "2025-01-01", "ends_on": "2025-12-31",
        "host_school_code": TWO,
    }  # fmt: skip
    await year.score({"A0": even(70), "B0": even(70)}, [stay])
    await year.determine()
    summary = (await year.ok("GET", "{c}/summary"))["data"]
    assert [(row["school_code"], row["participants"]) for row in summary] == [(TWO, 2)]
    page = await year.ok("GET", "{c}/results", headers=year.headers(schools=[ONE]))
    assert [row["staff_no"] for row in page["data"]] == ["A0"]
