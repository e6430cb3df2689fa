"""The feed of changes opens nothing that the caller may not read elsewhere."""

from services.appraisal.features import SERVICE
from tests.appraisal.year import Year, even, person
from tests.changes.copying import settled
from tests.support.tokens import bearer

EVERYTHING = {"cycles", "participants", "scores", "results", "quotas", "directives"}


async def _graded(year: Year) -> None:
    await year.begin([person("A1")])
    await year.ok("POST", "{c}:start-scoring")
    await year.ok("PUT", "{c}/scores/A1", json=even(70))
    await year.ok(
        "POST",
        "/v1/directives",
        headers=bearer(bureau=year.bureau, scopes=["directives:write"]),
        json={
            "directive_no": "D1",
            "year": 2025,
            "staff_no": "A1",
            "effect": "cap",
            "result": "qualified",
            "case_no": "2025-001",
            "measure": "M3",
            "basis": "x",
            "decided_on": "2025-11-20",
        },
    )
    await year.ok("POST", "{c}:determine")
    await settled()


async def _seen(year: Year, scopes: list[str], **params: str) -> set[str]:
    headers = bearer("integration", bureau=year.bureau, scopes=["changes:read", *scopes])
    answer = await year.client.get("/v1/changes", params=params, headers=headers)
    assert answer.status_code == 200
    return {change["resource"] for change in answer.json()["data"]}


async def test_the_feed_shows_what_the_token_may_read(year: Year) -> None:
    await _graded(year)
    assert await _seen(year, []) == set()
    assert await _seen(year, ["scores:read"]) == {"scores"}
    assert await _seen(year, ["results:read"]) == {"results", "quotas"}
    assert await _seen(year, ["scores:read"], resource="directives") == set()


async def test_a_bureau_administrator_sees_all_of_it(year: Year) -> None:
    await _graded(year)
    changes = (await year.ok("GET", "/v1/changes"))["data"]
    assert {change["resource"] for change in changes} == EVERYTHING


def test_a_scope_to_write_shows_nothing() -> None:
    assert (
        SERVICE.tracked.readable_with(["participation_records:write", "codes:read", "cases:read"])
        == set()
    )
    assert SERVICE.tracked.readable_with(["results:read"]) == {"results", "quotas"}
