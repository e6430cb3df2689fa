"""What PostgreSQL cannot hold is a fault or a problem like any other, and told at once."""

from typing import Any

import orjson
import pytest

from services.chassis.core.safe_text import LONGEST, storable
from tests.schools.county import County, ndjson_of, person, school
from tests.support.importing import counts
from tests.support.workbooks import parts, sheet_of, zipped

LONG = "很" * 5000


async def failed_rows(county: County, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The failed rows of an NDJSON file."""
    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


@pytest.mark.parametrize("key", ["a\0b", "\0", LONG])
async def test_an_unknown_key_is_a_fault_of_its_row(county: County, key: str) -> None:
    rows = [school(county.code(n)) for n in (4, 5)]
    rows[0][key] = "x"
    job = await county.load("schools", ndjson_of(rows), "rows.ndjson", mode="valid_rows")
    assert (job["state"], counts(job)) == ("completed", (1, 0, 0, 1))
    ((row, field, code),) = job["faults"]
    assert (row, code) == (1, "extra_forbidden")
    assert "\0" not in field
    assert len(field) <= LONGEST
    (failed,) = await failed_rows(county, job)
    assert failed[key] == "x", "the row itself is as it was"
    assert failed["_field"] == field


@pytest.mark.parametrize("resource", ["schools", "staff", "assignments"])
async def test_a_value_is_a_fault_of_its_row(county: County, resource: str) -> None:
    templates = (await county.ok("GET", "/v1/import-templates"))["data"]
    columns = next(one["columns"] for one in templates if one["resource"] == resource)
    good = {column["field"]: column["example"] for column in columns}
    rows = [good | {name: f"{value}\0"} for name, value in good.items()]
    rows += [good | {name: {"\0": ["\0", LONG]}} for name in good]
    job = await county.load(resource, ndjson_of(rows), "rows.ndjson", mode="valid_rows")
    assert (job["state"], counts(job)) == ("completed", (0, 0, 0, len(rows)))
    blamed = [{field for row, field, _ in job["faults"] if row == n + 1} for n in range(len(rows))]
    assert blamed == [{name} for name in (*good, *good)]


@pytest.mark.parametrize("header", ["_x0000_a", "__x0000_", "_x0000_", LONG])
async def test_a_header_costs_its_file(county: County, header: str) -> None:
    row = person("T1", county.one, 1)
    book = zipped(parts(sheet_of([[*row, header], [*row.values(), "x"]])))
    job = await county.load("staff", book, "rows.xlsx")
    if header.startswith("__"):  # such columns are passed over
        assert (job["state"], counts(job)) == ("completed", (1, 0, 0, 0))
        assert "\0" not in str(job["columns"])
        return
    assert (job["state"], job["problem"]["code"]) == ("failed", "platform.invalid")
    (fault,) = job["problem"]["errors"]
    assert fault["code"] == "import.unknown_column"
    assert "\0" not in fault["pointer"] + fault["message"]
    assert len(fault["params"]["column"]) <= LONGEST
    assert len(fault["message"]) < LONGEST + 50


async def test_the_next_import_of_the_resource_does_not_wait(county: County) -> None:
    rows = [school(county.code(6)) | {"\0": 1}]
    assert (await county.load("schools", ndjson_of(rows), "a.ndjson"))["state"] == "failed"
    rows = [school(county.code(6))]
    assert counts(await county.load("schools", ndjson_of(rows), "a.ndjson")) == (1, 0, 0, 0)


def test_documents_are_cleaned_through_and_through() -> None:
    assert storable({"a\0": ["\ud800", ("b", 1, None, {"c": "\0"})]}) == {
        "a\ufffd": ["\ufffd", ["b", 1, None, {"c": "\ufffd"}]]
    }
    assert storable(LONG) == "很" * (LONGEST - 1) + "…"
    assert storable("很" * LONGEST) == "很" * LONGEST
