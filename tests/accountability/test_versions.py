"""The version of a case: it changes with all that the case shows."""

from typing import Any

import pytest

from services.accountability.directives.delivery import deliver_directive
from services.chassis.jobs import JobContext, TryAgain
from tests.accountability.fake_gateway import problem
from tests.accountability.world import TO_DECISION, World

NAMED = {"respondents": [{"staff_no": "T2", "responsibility": "first"}]}
TO_APPRAISAL = {"measures": [{"staff_no": "T1", "measure": "M4"}], "opinion": "建议予以问责"}


async def test_one_version_never_stands_for_two_states(world: World) -> None:
    seen: list[dict[str, Any]] = []
    case = await world.lead("T1")
    path = f"/v1/cases/{case['id']}"

    async def look() -> None:
        read = await world.call("GET", path)
        assert read.headers["etag"] == f'"{read.json()["version"]}"'
        assert read.json() not in seen
        seen.append(read.json())

    await look()
    for method, below, body in (
        ("PATCH", "", {"title": "新案由"}),
        ("POST", "/respondents", NAMED),
        ("DELETE", "/respondents/T2", None),
    ):
        changed = await world.call(method, path + below, json=body)
        assert changed.status_code == 200, changed.text
        await look()
    for verb in TO_DECISION:
        await world.go(case["id"], verb, propose=TO_APPRAISAL)
        await look()
    directive = {"directive_no": seen[-1]["respondents"][0]["directive"]["directive_no"]}
    context = JobContext(world.app.state.database, world.app.state, 0)
    world.gateway.script = [lambda _: problem(503, "platform.unavailable", "服务暂不可用")] * 2
    for _ in range(2):
        with pytest.raises(TryAgain):
            await deliver_directive(context, directive)
        await look()
    await deliver_directive(context, directive)
    await look()
    for verb in ("execute", "close"):
        await world.go(case["id"], verb)
        await look()
    assert [one["version"] for one in seen] == [*range(1, len(seen) + 1)]
