from itertools import product
from typing import Any

import pytest

from tests.appraisal.year import Year, even, person

VERBS = ("open", "start-scoring", "determine", "reopen", "publish-notice", "withdraw", "confirm")
STATES = ("draft", "open", "scoring", "determined", "public_notice", "confirmed")
# Everything else is refused.
LEADS_TO = {
    ("draft", "open"): "open",
    ("open", "start-scoring"): "scoring",
    ("scoring", "determine"): "determined",
    ("determined", "determine"): "determined",
    ("determined", "reopen"): "scoring",
    ("determined", "publish-notice"): "public_notice",
    ("public_notice", "withdraw"): "determined",
    ("public_notice", "confirm"): "confirmed",
}
WAY = ("open", "start-scoring", "determine", "publish-notice", "confirm")
STAFF = [person(f"P{n}") for n in range(5)]


async def verb(year: Year, name: str) -> Any:
    """Use a verb as somebody who may."""
    role = "bureau_leader" if name == "confirm" else "bureau_admin"
    return await year.call("POST", f"{{c}}:{name}", role=role)


async def reach(year: Year, state: str) -> None:
    """Bring a new cycle into a state."""
    year.registry.staff[year.bureau] = STAFF
    year.cycle_id = (await year.ok("POST", "/v1/cycles", json={"year": 2025}))["id"]
    for step in WAY[: STATES.index(state)]:
        if step == "determine":
            rows = [{"staff_no": row["staff_no"]} | even(70) for row in STAFF]
            await year.load("scores", rows)
        if step == "confirm":
            await year.travel("2026-01-10T00:00:00+08:00")
        answer = await verb(year, step)
        assert answer.status_code == 200, answer.text


async def allowed(year: Year, role: str) -> list[str]:
    """What the cycle says that a role may do with it, alone and in the list."""
    row = await year.ok("GET", "{c}", role=role)
    page = await year.ok("GET", "/v1/cycles?fields=id,allowed_verbs", role=role)
    assert page["data"] == [{"id": row["id"], "allowed_verbs": row["allowed_verbs"]}]
    verbs: list[str] = row["allowed_verbs"]
    return verbs


@pytest.mark.parametrize("state", STATES)
async def test_verbs_that_do_not_fit_are_refused_and_change_nothing(year: Year, state: str) -> None:
    await reach(year, state)
    before = await year.ok("GET", "{c}")
    assert before["state"] == state
    for name in VERBS:
        if (state, name) in LEADS_TO:
            continue
        answer = await verb(year, name)
        assert (answer.status_code, answer.json()["code"]) == (409, "procedure.transition_refused")
        assert state in answer.json()["detail"]
        (fault,) = answer.json()["errors"]
        role = "bureau_leader" if name == "confirm" else "bureau_admin"
        assert fault["params"]["allowed"] == await allowed(year, role)
    assert await year.ok("GET", "{c}") == before


@pytest.mark.parametrize(("state", "name"), LEADS_TO)
async def test_verbs_that_fit_lead_on(year: Year, state: str, name: str) -> None:
    await reach(year, state)
    if name == "determine" and state == "scoring":
        await year.load("scores", [{"staff_no": row["staff_no"]} | even(70) for row in STAFF])
    if name == "confirm":
        await year.travel("2026-01-10T00:00:00+08:00")
    role = "bureau_leader" if name == "confirm" else "bureau_admin"
    assert name in await allowed(year, role)
    answer = await verb(year, name)
    assert (answer.status_code, answer.json()["state"]) == (200, LEADS_TO[state, name])
    assert answer.json()["version"] > 1


@pytest.mark.parametrize(
    ("state", "resource"), list(product(STATES, ("participation-records", "scores")))
)
async def test_participation_records_and_scores_are_closed_when_they_should_be(
    year: Year, state: str, resource: str
) -> None:
    await reach(year, state)
    day = "2025-12-01"
    row = {
        "participation-records": {"kind": "refused", "starts_on": day, "ends_on": day},
        "scores": even(1),
    }[resource]
    outcome = await year.send(resource, [{"staff_no": "P0"} | row])
    is_open = (
        state in {"participation-records": ("open", "scoring"), "scores": ("scoring",)}[resource]
    )
    assert outcome.code == (None if is_open else "appraisal.writing_closed")
    assert is_open or state in str(outcome.detail)
    put = await year.call("PUT", "{c}/scores/P1", json=even(50))
    assert put.status_code == (200 if state == "scoring" else 409)


async def test_two_verbs_at_once_one_wins(year: Year) -> None:
    await reach(year, "determined")
    answers = await year.together(verb(year, "publish-notice"), verb(year, "reopen"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.quick("services.appraisal.cycles", "services.appraisal.cycle_procedure")
async def test_opening_twice_at_once_freezes_one_roster(year: Year) -> None:
    await reach(year, "draft")
    answers = await year.together(*(verb(year, "open") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await year.ok("GET", "{c}"))["participants"] == 5


async def test_reopening_discards_results_and_lets_scores_change(year: Year) -> None:
    await reach(year, "determined")
    assert len(await year.results()) == 5
    reopened = (await verb(year, "reopen")).json()
    assert reopened["determined_at"] is None
    assert await year.results() == {}
    assert (await year.ok("GET", "{c}/summary"))["data"] == []
    await year.ok("PUT", "{c}/scores/P0", json=even(10))
    assert (await year.determine())["P0"]["result"] == "unqualified"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"year": 1999}, 422, "platform.invalid"),
        ({"year": 2025, "rule_set": "unknown"}, 404, "appraisal.rule_set_not_found"),
        ({"year": 2025, "state": "confirmed"}, 422, "platform.invalid"),
        ({"year": 2025, "period_from": "2025-12-31", "period_to": "2025-01-01"}, 422,
         "platform.invalid"),
        ({"year": 2025, "period_from": "2020-01-01"}, 422, "platform.invalid"),
    ],
)  # fmt: skip
async def test_a_cycle_that_cannot_be_is_not_created(
    year: Year, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await year.call("POST", "/v1/cycles", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await year.ok("GET", "/v1/cycles"))["data"] == []


async def test_a_bureau_has_one_cycle_a_year_and_sees_no_other_bureaus(year: Year) -> None:
    answers = await year.together(
        *(year.call("POST", "/v1/cycles", json={"year": 2025}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    created = next(answer.json() for answer in answers if answer.status_code == 201)
    assert created["name"] == "2025年度考核"
    assert (created["period_from"], created["period_to"]) == ("2025-01-01", "2025-12-31")
    year.cycle_id = created["id"]
    stranger = Year(year.client, year.registry, "999992", created["id"])
    for path in ("{c}", "{c}/participants", "{c}/results", "{c}/scores", "{c}/summary",
                 "{c}/participation-records",
                 "{c}/public-notice", "/v1/cycles/by-key/2025"):  # fmt: skip
        answer = await stranger.call("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "appraisal.cycle_not_found")
    for name in VERBS:
        assert (await verb(stranger, name)).status_code == 404
    assert (await year.ok("GET", "/v1/cycles/by-key/2025")) == created
