"""Records embedded with `expand`: what their own route answers to the same caller."""

from typing import Any

import pytest

from tests.schools.county import County, assignment, codes, person
from tests.schools.test_personal_data import REASON

EMBEDDED = {"school": ("schools", "school_code"), "staff": ("staff", "staff_no")}
LISTS = (("/v1/staff", "school"), ("/v1/assignments", "school,staff"))
# The bureau, a school, the host of somebody from another school, the person, and a bureau's reader
# who does not see those whose data are restricted.
READERS: list[dict[str, Any]] = [
    {},
    {"role": "school_officer", "subject": {"schools": "one"}},
    {"role": "school_officer", "subject": {"schools": "two"}},
    # May read no schools, own staff record only.
    {"role": "staff", "subject": {"staff_no": "T1", "schools": "one"}},
    {"role": "supervisor"},
]


@pytest.fixture
async def staffed(county: County) -> County:
    """T1 is of the first school and sent to the second; the data of T3 are restricted."""
    for number, code in ((1, county.one), (2, county.two), (3, county.two)):
        await county.ok("POST", "/v1/staff", json=person(f"T{number}", code, number))
        await county.ok("POST", "/v1/assignments", json=assignment(f"T{number}", code))
    sent = assignment("T1", county.two, kind="exchange", starts_on="2025-09-01")
    await county.ok("POST", "/v1/assignments", json=sent)
    row = await county.ok("GET", "/v1/staff/by-key/T3")
    await county.ok("POST", f"/v1/staff/{row['id']}:restrict", json=REASON)
    return county


def named(reader: dict[str, Any], county: County) -> dict[str, Any]:
    """A reader with the codes of this county's schools."""
    subject = dict(reader.get("subject", {}))
    if "schools" in subject:
        subject["schools"] = [getattr(county, subject["schools"])]
    return reader | {"subject": subject}


@pytest.mark.parametrize("reader", READERS)
async def test_an_embedded_record_is_what_its_own_route_answers(
    staffed: County, reader: dict[str, Any]
) -> None:
    reader = named(reader, staffed)
    compared = 0
    lists = LISTS if reader.get("role") != "staff" else (("/v1/assignments", "staff"),)
    for path, names in lists:
        plain = (await staffed.ok("GET", path, **reader))["data"]
        rows = (await staffed.ok("GET", f"{path}?expand={names}", **reader))["data"]
        for before, row in zip(plain, rows, strict=True):
            single = await staffed.ok("GET", f"{path}/{row['id']}?expand={names}", **reader)
            for name in names.split(","):
                resource, key = EMBEDDED[name]
                own = await staffed.call("GET", f"/v1/{resource}/by-key/{row[key]}", **reader)
                assert own.status_code in (200, 404)
                record = row.pop(name)
                assert record == single.pop(name) == (own.json() if own.is_success else None)
                compared += 1
            assert row == before == single | {"etag": row["etag"]}
    assert compared


async def test_a_host_school_sees_the_assignment_without_the_record(staffed: County) -> None:
    host = {"role": "school_officer", "subject": {"schools": [staffed.two]}}
    path = "/v1/assignments?kind=exchange&expand=school,staff"
    (row,) = (await staffed.ok("GET", path, **host))["data"]
    assert (row["name"], row["staff"]) == ("员工T1", None)
    assert row["school"]["school_code"] == staffed.two


async def test_expansions_come_with_chosen_fields_filters_and_pages(staffed: County) -> None:
    path = f"/v1/staff?fields=staff_no&school_code={staffed.two}&sort=staff_no&total=exact&limit=1"
    first = await staffed.ok("GET", f"{path}&expand=school")
    assert first["total"] == 2
    assert [[*row] for row in first["data"]] == [["staff_no", "school"]]
    # What is embedded may differ from page to page, like `fields`.
    second = await staffed.ok("GET", f"{path}&cursor={first['next_cursor']}")
    assert second["data"] == [{"staff_no": "T3"}]


async def test_a_change_of_the_embedded_record_changes_the_etag(staffed: County) -> None:
    path = "/v1/staff/by-key/T1?expand=school"
    before = (await staffed.call("GET", path)).headers["etag"]
    same = await staffed.call("GET", path, headers={"If-None-Match": before})
    assert same.status_code == 304
    school = f"/v1/schools/by-key/{staffed.one}"
    await staffed.ok("PATCH", school, json={"name": "示例县新名小学"})
    after = await staffed.call("GET", path, headers={"If-None-Match": before})
    assert after.json()["school"]["name"] == "示例县新名小学"
    body, headers = {"duty": "班主任"}, {"If-Match": before}
    await staffed.ok("PATCH", "/v1/staff/by-key/T1", json=body, headers=headers)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("expand=bureau", "literal_error"),
        ("expand=school,staff", "literal_error"),
        ("expand=", "literal_error"),
        ("expand=school,school", "expand.repeated"),
        ("expand=school&expand=school", "parameter.repeated"),
        ("expand=school&format=csv", "expand.not_in_files"),
    ],
)
async def test_what_cannot_be_expanded_is_refused(county: County, asked: str, code: str) -> None:
    answer = await county.call("GET", f"/v1/staff?{asked}")
    assert (answer.status_code, codes(answer)) == (422, [("/expand", code)])
    if code == "literal_error":
        assert answer.json()["errors"][0]["params"]["allowed"] == ["school"]


async def test_a_single_record_refuses_the_same(staffed: County) -> None:
    for asked, pointer in (("expand=bureau", "/expand"), ("exand=school", "/exand")):
        answer = await staffed.call("GET", f"/v1/staff/by-key/T1?{asked}")
        assert (answer.status_code, codes(answer)[0][0]) == (422, pointer)


async def test_embedding_needs_the_scope_of_the_record(staffed: County) -> None:
    reader: dict[str, Any] = {"subject": {"scopes": ["staff:read"]}}
    assert (await staffed.call("GET", "/v1/staff", **reader)).status_code == 200
    for path in ("/v1/staff", "/v1/staff/by-key/T1"):
        answer = await staffed.call("GET", f"{path}?expand=school", **reader)
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope")
