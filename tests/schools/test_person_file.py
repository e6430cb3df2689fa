"""A person's data as one file: the registry's part, and the other services' parts."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.schools.county import County, assignment, id_number, person
from tests.schools.test_personal_data import trail
from tests.support.fake_services import FakeServices

SERVICES = ["appraisal", "accountability", "gateway"]
PART = {
    "records": {"scores": [{"year": 2025, "virtue": 92}]},
    "events": [
        {
            "resource": "scores",
            "at": "2026-01-05T09:00:00+08:00",
            "operation": "insert",
            "actor": "admin",
            "detail": {"virtue": [None, 92]},
        }
    ],
}


@pytest.fixture
async def somebody(county: County) -> dict[str, Any]:
    """A person at the first school."""
    created: dict[str, Any] = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    return created


@pytest.fixture
def path(somebody: dict[str, Any]) -> str:
    """The address of the person's file."""
    return f"/v1/staff/{somebody['id']}/personal-data"


@pytest.fixture(autouse=True)
def _as_before(other_services: FakeServices) -> None:
    other_services.down.clear()
    other_services.answers.clear()
    other_services.asked.clear()


@pytest.mark.quick("services.chassis.subject_access")
async def test_the_file_holds_every_services_part(
    county: County, other_services: FakeServices, path: str
) -> None:
    other_services.hold("appraisal", "T1", PART)
    try:
        copy = await county.ok("GET", path)
    finally:
        other_services.held.clear()
    assert copy["person"]["id_number"] == id_number(1)
    assert copy["person"]["created_at"].endswith("+08:00"), "as in every other answer"
    assert [part["service"] for part in copy["elsewhere"]] == SERVICES
    appraisal, accountability, _ = copy["elsewhere"]
    assert {name: appraisal[name] for name in PART} == PART
    assert accountability["records"] == {}
    assert sorted(other_services.asked) == sorted((name, county.bureau, "T1") for name in SERVICES)


async def test_what_is_held_and_how_long_is_said_in_both_languages(
    county: County, path: str
) -> None:
    zh = (await county.ok("GET", path))["elsewhere"]
    en = (await county.ok("GET", path, headers={"Accept-Language": "en"}))["elsewhere"]
    for place, translated in zip(zh, en, strict=True):
        assert ("名" in place["holds"], "name" in translated["holds"]) == (True, True)
        assert place["until"] != translated["until"]


async def test_assignments_that_were_removed_are_told_as_long_as_they_are_logged(
    county: County, path: str
) -> None:
    made = await county.ok("POST", "/v1/assignments", json=assignment("T1", county.one))
    assert [row["id"] for row in (await county.ok("GET", path))["assignments"]] == [made["id"]]
    await county.call("DELETE", f"/v1/assignments/{made['id']}")
    copy = await county.ok("GET", path)
    assert copy["assignments"] == []
    events = [(event["resource"], event["operation"]) for event in copy["events"]]
    assert ("assignments", "insert") in events
    assert ("assignments", "delete") in events


async def test_what_was_deleted_of_others_does_not_matter(
    county: County, path: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Their entries may not even be rows of the table as it is now."""
    await admin.execute(
        "insert into schools.change_log (bureau_code, operation, resource, row_id, changes) "
        "values ($1, 'delete', 'assignments', uuidv7(), $2::text::json)",
        county.bureau,
        '{"staff_no": "T2", "starts_on": "autumn"}',
    )
    events = (await county.ok("GET", path))["events"]
    assert [event["operation"] for event in events] == ["insert"]


@pytest.mark.parametrize("service", SERVICES)
async def test_without_one_part_there_is_no_file(
    county: County,
    other_services: FakeServices,
    path: str,
    admin: "asyncpg.Connection[asyncpg.Record]",
    service: str,
) -> None:
    other_services.down.add(service)
    answer = await county.call("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.upstream_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert id_number(1) not in answer.text
    assert await trail(admin, county) == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json=PART),
        httpx.Response(403, json=PART),
        httpx.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx.Response(500),
        httpx.Response(204),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"records": {}}),
        httpx.Response(200, json={"records": {"scores": {}}, "events": []}),
        httpx.Response(200, json={"records": {}, "events": [{"resource": "王小明"}]}),
    ],
    ids=lambda it: f"{it.status_code} {it.text[:30]}",
)
async def test_what_is_not_a_part_is_no_answer(
    county: County, other_services: FakeServices, path: str, answer: httpx.Response
) -> None:
    """Nor is it quoted by the log, as whatever is tested (`tests.support.leaks`)."""
    other_services.answers["appraisal"] = answer
    refused = await county.call("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (503, "platform.upstream_unavailable")
    assert int(refused.headers["retry-after"]) > 0


async def test_nobody_is_asked_about_somebody_whom_the_caller_does_not_see(
    county: County, other_services: FakeServices, path: str
) -> None:
    stranger = await county.call("GET", path, subject={"schools": [county.two]})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "schools.staff_not_found")
    # The others' parts reach beyond these schools.
    limited = await county.call("GET", path, subject={"schools": [county.one]})
    assert (limited.status_code, limited.json()["code"]) == (403, "auth.missing_scope")
    assert other_services.asked == []
