"""What the appraisal tells the registry of one person, for the person's own file."""

from typing import Any

from tests.appraisal.year import Year, even, person
from tests.support.tokens import bearer

PATH = "/v1/personal-data"
SCOPE = "personal_data:read"
RECORD = {"kind": "sick_leave", "starts_on": "2025-03-01", "ends_on": "2025-03-10"}


def service(bureau: str) -> dict[str, str]:
    """The registry's own client, at work for a bureau."""
    return bearer(bureau=bureau, scopes=[SCOPE], name="service-schools")


async def held(year: Year, staff_no: str, **headers: str) -> dict[str, Any]:
    """What is told of somebody."""
    answer = await year.client.get(
        PATH, params={"staff_no": staff_no}, headers=service(year.bureau) | headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    return document


async def graded(year: Year) -> None:
    """Two people with everything that a year brings, one of them with a record withdrawn."""
    await year.begin([person("A1"), person("A2", "2162000002")])
    wrong = {"staff_no": "A1", "kind": "sick_leave", "starts_on": "2025-05-01",
             "ends_on": "2025-05-02"}  # fmt: skip
    records = [{"staff_no": "A1"} | RECORD, {"staff_no": "A2"} | RECORD, wrong]
    await year.score({"A1": even(70), "A2": even(80)}, records)
    page = await year.ok("GET", "{c}/participation-records?staff_no=A1&starts_on=2025-05-01")
    await year.ok("DELETE", f"{{c}}/participation-records/{page['data'][0]['id']}")
    assert (await year.directive("A1")).status_code == 201
    await year.determine()


async def test_everything_of_one_person_and_nothing_of_another(year: Year) -> None:
    await graded(year)
    part = await held(year, "A1")
    records = part["records"]
    assert {name: len(rows) for name, rows in records.items()} == {
        "participants": 1, "participation-records": 1, "scores": 1, "results": 1, "directives": 1,
        "corrections": 0,
    }  # fmt: skip
    assert {row["staff_no"] for rows in records.values() for row in rows} == {"A1"}
    assert {records[name][0]["year"] for name in records if records[name]} == {2025}
    assert records["scores"][0]["virtue"] == 70
    assert records["results"][0]["result"] == "unqualified"
    events = [(event["resource"], event["operation"]) for event in part["events"]]
    assert events.count(("participation-records", "insert")) == 2
    assert events.count(("participation-records", "delete")) == 1, (
        "deleted records are shown as long as they are logged"
    )
    assert ("results", "insert") in events
    assert "A2" not in str(part)


async def test_a_result_that_was_made_again_is_told_once(year: Year) -> None:
    await graded(year)
    await year.ok("POST", "{c}:reopen")
    await year.determine()
    part = await held(year, "A1")
    assert len(part["records"]["results"]) == 1
    events = [event["operation"] for event in part["events"] if event["resource"] == "results"]
    assert events == ["insert", "delete", "insert"]


async def test_it_is_worded_in_the_language_asked_for(year: Year) -> None:
    await graded(year)
    zh = (await held(year, "A1"))["records"]["results"][0]["explanation"]
    en = (await held(year, "A1", **{"Accept-Language": "en"}))["records"]["results"][0]
    assert zh != en["explanation"]
    assert "fixes the result" in en["explanation"]


async def test_each_look_is_audited(year: Year) -> None:
    await graded(year)
    await held(year, "A1")
    auditor = bearer("auditor", bureau=None)
    params = {"bureau_code": year.bureau, "operation": "access", "resource": "personal-data"}
    answer = await year.client.get("/v1/audit-events", params=params, headers=auditor)
    (event,) = answer.json()["data"]
    assert (event["actor"], event["key"], event["detail"]) == (
        "service-schools", "A1", {"action": "export"},
    )  # fmt: skip


async def test_only_the_registry_is_told_and_of_its_bureau_alone(year: Year) -> None:
    await graded(year)
    asked = {"staff_no": "A1"}
    assert (await year.client.get(PATH, params=asked)).status_code == 401
    for role in ("bureau_admin", "bureau_leader", "school_head", "staff", "integration"):
        refused = await year.call("GET", PATH, role=role, params=asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.missing_scope")
    elsewhere = await year.client.get(PATH, headers=service("999999"), params=asked)
    assert elsewhere.json()["events"] == []
    assert not any(elsewhere.json()["records"].values())
    platform = await year.client.get(
        PATH, headers=bearer(bureau=None, scopes=[SCOPE]), params=asked
    )
    assert platform.status_code == 403
    wrongs: list[dict[str, str]] = [{}, {"staff_no": "' or 1=1"}, {"staff_no": "x" * 40}]
    for wrong in wrongs:
        answer = await year.client.get(PATH, params=wrong, headers=service(year.bureau))
        assert answer.status_code == 422, wrong
