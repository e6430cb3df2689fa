"""Any sequence of verbs, against a model written down a second time."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accountability.world import BODIES, World

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


async def attempt(world: World, case_id: str, state: str, verb: str) -> str:
    """Try a verb; the state the model expects afterwards, after comparing answer and model."""
    response = await world.do(case_id, verb)
    body: dict[str, Any] = response.json()
    target = MODEL[state].get(verb)
    if target is None:
        assert response.status_code == 409, response.text
        assert body["code"] == "accountability.transition_refused"
        assert state in body["detail"]
        allowed = ", ".join(one for one in VERBS if one in MODEL[state]) or "–"
        assert f"可执行：{allowed}。" in body["detail"]
        return state
    assert response.status_code == 200, response.text
    assert body["state"] == target
    return target


async def case_in(world: World, state: str) -> str:
    case = await world.lead("T1")
    await world.go(case["id"], *WAYS[state])
    found: str = case["id"]
    return found


@pytest.mark.parametrize("state", MODEL)
async def test_every_verb_in_every_state(world: World, state: str) -> None:
    case_id = await case_in(world, state)
    for verb in VERBS:
        after = await attempt(world, case_id, state, verb)
        assert (await world.read(case_id))["state"] == after
        if after != state:
            case_id = await case_in(world, state)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(verbs=st.lists(st.sampled_from(VERBS), min_size=3, max_size=12))
async def test_any_sequence_of_verbs(world: World, verbs: list[str]) -> None:
    case = await world.lead("T1")
    state, accepted = "lead", ["open"]
    for verb in verbs:
        accepted += [verb] if verb in MODEL[state] else []
        state = await attempt(world, case["id"], state, verb)
    assert (await world.read(case["id"]))["state"] == state
    assert [event["verb"] for event in await world.events(case["id"])] == accepted


async def test_a_refusal_is_in_english_too(world: World) -> None:
    case = await world.lead()
    response = await world.call(
        "POST",
        f"/v1/cases/{case['id']}:review",
        json=BODIES.get("review"),
        headers={"Accept-Language": "en"},
    )
    assert response.json()["detail"] == (
        "The case is lead (Lead) and cannot take review; it allows: file, reject."
    )
