"""Mappings of earlier imports are suggested when the header returns, and taken over by `like`."""

from typing import Any

import pytest

from tests.schools.county import County, csv_of, person
from tests.support.importing import Job, counts
from tests.support.tokens import bearer

MAPPING = {"职工编号": "staff_no", "备注": None}
VALUES = {"post_category": {"教师岗": "professional"}}


def file_of(county: County, *numbers: int) -> bytes:
    """People under headers and words of another system."""
    rows = [person(f"T{n}", county.one, n, post_category="教师岗") | {"备注": "x"} for n in numbers]
    return csv_of(rows).replace(b"staff_no", "职工编号".encode())


@pytest.fixture
async def first(county: County) -> Job:
    """An import that was told how to read such a file."""
    told: dict[str, Any] = {"column_mapping": MAPPING, "value_mapping": VALUES}
    job = await county.load("staff", file_of(county, 1), "一月.csv", **told)
    assert counts(job) == (1, 0, 0, 0)
    return job


async def preview(county: County, content: bytes, **options: Any) -> dict[str, Any]:
    """The preview of a file of staff."""
    files = {"file": ("二月.csv", content)}
    data = {"resource": "staff"} | options
    answer = await county.call("POST", "/v1/imports:preview", data=data, files=files)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_mapping_is_suggested_and_taken_over(county: County, first: Job) -> None:
    content = file_of(county, 2, 3)
    found = await preview(county, content)
    assert found["fault_count"] > 0
    earlier = found["earlier"]
    assert (earlier["id"], earlier["file_name"]) == (first["id"], "一月.csv")
    assert (earlier["column_mapping"], earlier["value_mapping"]) == (MAPPING, VALUES)
    assert (await preview(county, content, like=first["id"]))["fault_count"] == 0
    job = await county.load("staff", content, "二月.csv", like=first["id"])
    assert counts(job) == (2, 0, 0, 0)
    # The job itself keeps them: the next one can be like it.
    assert (await preview(county, content))["earlier"]["id"] == job["id"]


async def test_options_that_are_given_outweigh(county: County, first: Job) -> None:
    content = file_of(county, 4)
    values = {"post_category": {"教师岗": "management"}}
    job = await county.load("staff", content, "a.csv", like=first["id"], value_mapping=values)
    assert counts(job) == (1, 0, 0, 0)
    assert (await county.ok("GET", "/v1/staff/by-key/T4"))["post_category"] == "management"


async def test_other_headers_and_imports_without_mapping_are_not_suggested(
    county: County, first: Job
) -> None:
    await county.load("staff", csv_of([person("T5", county.one, 5)]), "a.csv")
    assert (await preview(county, csv_of([person("T6", county.one, 6)])))["earlier"] is None
    assert first["state"] == "completed"


async def test_nobody_else_sees_or_uses_them(county: County, first: Job) -> None:
    content = file_of(county, 7)
    others = (
        bearer("bureau_admin", bureau=f"4{county.bureau[1:]}"),
        bearer("school_officer", bureau=county.bureau, schools=[county.one], name="officer"),
    )
    for headers in others:
        files, data = {"file": ("a.csv", content)}, {"resource": "staff"}
        answer = await county.client.post(
            "/v1/imports:preview", data=data, files=files, headers=headers
        )
        assert answer.json()["earlier"] is None
        answer = await county.client.post(
            "/v1/imports:preview", data=data | {"like": first["id"]}, files=files, headers=headers
        )
        assert answer.status_code == 422
        assert [one["code"] for one in answer.json()["errors"]] == ["import.unknown"]
