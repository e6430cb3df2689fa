"""What a registry exports is imported unchanged, whatever its texts look like."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.schools.county import County, assignment, ndjson_of, person, school
from tests.support.hostile_strings import IN_A_LINE, hostile_texts, names, texts
from tests.support.round_trip import RoundTrip
from tests.support.tokens import bearer

_serials = count(2_000_000, 20)


@pytest.fixture
def headers(county: County) -> dict[str, str]:
    """Somebody who administers the bureau."""
    return bearer("bureau_admin", bureau=county.bureau)


async def test_every_kind_of_file_comes_back_unchanged(
    county: County, headers: dict[str, str]
) -> None:
    people = [
        person("007", county.one, 1, duty="=班主任", title="first", post_level=7),
        person("T-2", county.two, 2, left_on="2020-01-01", status="left"),
    ]
    work = assignment("007", county.one, weekly_lessons=12, subject="语文、数学")
    where = {"address": "县城 1 号", "enrolment": 860, "opened_on": "1956-09-01"}
    await county.ok("POST", "/v1/schools", json=school(county.code(3), **where))
    await county.load("staff", ndjson_of(people), "a.ndjson")
    await county.load("assignments", ndjson_of([work]), "a.ndjson")
    for resource, rows in (("schools", 3), ("staff", 2), ("assignments", 1)):
        await RoundTrip(county.client, headers, resource).go(rows)


async def test_each_trouble_comes_back_unchanged(county: County, headers: dict[str, str]) -> None:
    names = hostile_texts(50, IN_A_LINE)
    people = [
        person(f"{n:04}", county.one, n, name=text, duty=text) for n, text in enumerate(names)
    ]
    job = await county.load("staff", ndjson_of(people), "rows.ndjson")
    assert job["faults"] == []
    stored = await county.all("/v1/staff", sort="staff_no", fields="name,duty")
    assert [row["name"] for row in stored] == [row["duty"] for row in stored] == names
    await RoundTrip(county.client, headers, "staff").stream(len(people))


@settings(
    max_examples=12,
    phases=[Phase.reuse, Phase.generate],  # every example is a dozen imports: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    schools=st.lists(
        st.fixed_dictionaries({"name": names(100), "address": texts(200), "local_code": texts(32)}),
        min_size=2,
        max_size=2,
    ),
    people=st.lists(
        st.fixed_dictionaries({"name": names(50), "duty": texts(50)}), min_size=15, max_size=15
    ),
    work=st.fixed_dictionaries({"subject": texts(50), "class_name": texts(50)}),
)
async def test_whatever_a_text_looks_like(
    county: County,
    headers: dict[str, str],
    schools: list[dict[str, Any]],
    people: list[dict[str, Any]],
    work: dict[str, Any],
) -> None:
    serial = next(_serials)
    codes = (county.one, county.two)
    rows = {
        "schools": [school(code, **fields) for code, fields in zip(codes, schools, strict=True)],
        "staff": [
            person(f"{n:04}-{serial}", codes[n % 2], serial + n, **fields)
            for n, fields in enumerate(people)
        ],
        "assignments": [assignment(f"0000-{serial}", county.one, role="head_teacher", **work)],
    }
    for resource, written in rows.items():
        job = await county.load(resource, ndjson_of(written), "rows.ndjson")
        assert job["faults"] == []
        page = await county.ok("GET", f"/v1/{resource}?limit=1&total=exact")
        await RoundTrip(county.client, headers, resource).stream(page["total"])
