import pytest

from services.appraisal.main import app
from services.chassis.imports.engine.imports import Imports
from tests.appraisal.year import Year, person
from tests.support.importing import counts
from tests.support.templates import round_trip


@pytest.mark.parametrize("resource", ["participation-records", "scores"])
async def test_templates_filled_in_with_their_example_are_imported(
    year: Year, resource: str
) -> None:
    spec = app.state.resources[Imports].specs[resource]
    await year.begin([person("T000001")])
    await year.ok("POST", "{c}:start-scoring")
    within = {"cycle_id": year.cycle_id}
    new = await round_trip(year.client, year.headers(), spec, "zh-CN", within=within)
    same = await round_trip(year.client, year.headers(), spec, "en", within=within)
    assert (counts(new), counts(same)) == ((1, 0, 0, 0), (0, 0, 1, 0))


async def test_the_list_tells_that_rows_belong_to_a_year(year: Year) -> None:
    listed = await year.ok("GET", "/v1/import-templates")
    assert [(one["resource"], one["within"]) for one in listed["data"]] == [
        ("participation-records", ["cycle_id"]),
        ("scores", ["cycle_id"]),
    ]
    virtue = next(one for one in listed["data"][1]["columns"] if one["field"] == "virtue")
    assert (virtue["kind"], virtue["is_text"], virtue["example"]) == ("decimal", False, 92)


async def test_a_preview_says_which_year_the_rows_belong_to(year: Year) -> None:
    await year.begin([person("T000001")])
    file = {"file": ("scores.csv", "工号,德\nT000001,92.5\n".encode())}
    missing = await year.call(
        "POST", "/v1/imports:preview", files=file, data={"resource": "scores"}
    )
    assert missing.json()["errors"][0]["pointer"] == "/within/cycle_id"
    fields = {"resource": "scores", "within": f'{{"cycle_id": "{year.cycle_id}"}}'}
    found = await year.ok("POST", "/v1/imports:preview", files=file, data=fields)
    assert found["rows"][0]["values"] == {"staff_no": "T000001", "virtue": 92.5}
    assert [one["title_zh"] for one in found["missing"]] == ["能", "勤", "绩", "廉"]
