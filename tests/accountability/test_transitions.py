"""Any sequence of verbs, against a model written down a second time; `allowed_verbs` foretells."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accountability.scenario import ACTORS, BODIES, Scenario

MODEL = {
    "lead": {"file": "filed", "reject": "rejected"},
    "filed": {"reject": "rejected", "propose": "proposed"},
    "proposed": {"reject": "rejected", "review": "under_review"},
    "under_review": {"return": "returned", "notify": "under_review", "decide": "decided"},
    "returned": {"propose": "proposed"},
    "decided": {"execute": "executed"},
    "executed": {"close": "closed"},
    "closed": {},
    "rejected": {},
}
VERBS = ("file", "reject", "propose", "review", "return", "notify", "decide", "execute", "close")
# Who may do what, whatever the state.
MAY = {
    "bureau_admin": {*VERBS} - {"decide"},
    "supervisor": {"file", "propose"},
    "bureau_leader": {"decide"},
}
# The shortest way to each state.
WAYS: dict[str, tuple[str, ...]] = {
    "lead": (),
    "filed": ("file",),
    "proposed": ("file", "propose"),
    "under_review": ("file", "propose", "review"),
    "returned": ("file", "propose", "review", "return"),
    "decided": ("file", "propose", "review", "decide"),
    "executed": ("file", "propose", "review", "decide", "execute"),
    "closed": ("file", "propose", "review", "decide", "execute", "close"),
    "rejected": ("reject",),
}


def allowed(state: str, role: str) -> list[str]:
    """What somebody in a role may do with a case that somebody else has proposed."""
    return [one for one in VERBS if one in MODEL[state] and one in MAY[role]]


async def attempt(scenario: Scenario, case_id: str, state: str, verb: str) -> str:
    """Try a verb; the state the model expects afterwards, after comparing answer and model."""
    role = ACTORS[verb]
    before = (await scenario.call("GET", f"/v1/cases/{case_id}", role)).json()
    assert before["allowed_verbs"] == allowed(state, role)
    response = await scenario.do(case_id, verb)
    body: dict[str, Any] = response.json()
    target = MODEL[state].get(verb)
    if target is None:
        assert response.status_code == 409, response.text
        assert body["code"] == "procedure.transition_refused"
        assert state in body["detail"]
        (fault,) = body["errors"]
        assert fault["params"]["state"] == state
        assert fault["params"]["allowed"] == allowed(state, role)
        return state
    assert response.status_code == 200, response.text
    assert (body["state"], body["allowed_verbs"]) == (target, allowed(target, role))
    return target


async def case_in(scenario: Scenario, state: str) -> str:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *WAYS[state])
    found: str = case["id"]
    return found


@pytest.mark.parametrize("state", MODEL)
async def test_every_verb_in_every_state(scenario: Scenario, state: str) -> None:
    case_id = await case_in(scenario, state)
    for verb in VERBS:
        after = await attempt(scenario, case_id, state, verb)
        assert (await scenario.read(case_id))["state"] == after
        if after != state:
            case_id = await case_in(scenario, state)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(verbs=st.lists(st.sampled_from(VERBS), min_size=3, max_size=12))
async def test_any_sequence_of_verbs(scenario: Scenario, verbs: list[str]) -> None:
    case = await scenario.lead("T1")
    state, accepted = "lead", ["open"]
    for verb in verbs:
        accepted += [verb] if verb in MODEL[state] else []
        state = await attempt(scenario, case["id"], state, verb)
    assert (await scenario.read(case["id"]))["state"] == state
    assert [event["verb"] for event in await scenario.events(case["id"])] == accepted


async def test_a_refusal_is_in_english_too(scenario: Scenario) -> None:
    case = await scenario.lead()
    response = await scenario.call(
        "POST",
        f"/v1/cases/{case['id']}:review",
        json=BODIES.get("review"),
        headers={"Accept-Language": "en"},
    )
    assert response.json()["detail"] == (
        "The state is lead (Lead), which does not allow review. Allowed: file, reject."
    )
