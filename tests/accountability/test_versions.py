"""The version of a case: it changes with all that the case shows, and every change names it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.accountability.directives.delivery import deliver_directive
from services.chassis.database.db import Database
from services.chassis.queue.jobs import JobContext, TryAgain
from tests.accountability.fake_gateway import problem
from tests.accountability.scenario import BODIES, SCOPES, TO_DECISION, Scenario
from tests.architecture.snapshots import agreed
from tests.support.tokens import bearer

CASE = "/v1/cases/{case_id}"
OPERATIONS = {
    (method, path): operation
    for path, operations in agreed("accountability")["paths"].items()
    for method, operation in operations.items()
}
CHANGES = [
    (method, path) for method, path in OPERATIONS if path.startswith(CASE) and method != "get"
]
NAMED = {"respondents": [{"staff_no": "T2", "responsibility": "first"}]}
TO_APPRAISAL = {"measures": [{"staff_no": "T1", "measure": "M4"}], "opinion": "建议予以问责"}


def body_of(method: str, path: str) -> Any:
    """A body that the route takes."""
    if method == "patch":
        return {"title": "新案由"}
    return NAMED if path.endswith("/respondents") else BODIES.get(path.rpartition(":")[2])


async def test_one_version_never_stands_for_two_states(scenario: Scenario) -> None:
    seen: list[dict[str, Any]] = []
    case = await scenario.lead("T1")
    path = f"/v1/cases/{case['id']}"

    async def look() -> None:
        read = await scenario.call("GET", path)
        assert read.headers["etag"].startswith(f'"{read.json()["version"]}.')
        seen.append(read.json())

    await look()
    for method, below, body in (
        ("PATCH", "", {"title": "新案由"}),
        ("POST", "/respondents", NAMED),
        ("DELETE", "/respondents/T2", None),
    ):
        changed = await scenario.call(method, path + below, json=body)
        assert changed.status_code == 200, changed.text
        await look()
    for verb in TO_DECISION:
        await scenario.go(case["id"], verb, propose=TO_APPRAISAL)
        await look()
    directive = {"directive_no": seen[-1]["respondents"][0]["directive"]["directive_no"]}
    context = JobContext(scenario.app.state.resources[Database], scenario.app.state.resources, 0)
    scenario.gateway.script = [lambda _: problem(503, "platform.unavailable", "服务暂不可用")] * 2
    for _ in range(2):
        with pytest.raises(TryAgain):
            await deliver_directive(context, directive)
        await look()
    await deliver_directive(context, directive)
    await look()
    for verb in ("execute", "close"):
        await scenario.go(case["id"], verb)
        await look()
    assert [one["version"] for one in seen] == [*range(1, len(seen) + 1)]


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=lambda value: value)
async def test_every_change_names_the_version_it_is_based_on(
    scenario: Scenario, method: str, path: str
) -> None:
    case = await scenario.lead("T1")
    caller = bearer(bureau=scenario.bureau, scopes=SCOPES)
    address, body = path.format(case_id=case["id"], staff_no="T1"), body_of(method, path)
    for sent, status, code in (
        ({}, 428, "platform.if_match_required"),
        ({"If-Match": '"7"'}, 412, "platform.precondition_failed"),
    ):
        refused = await scenario.client.request(method, address, json=body, headers=caller | sent)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert str(status) in OPERATIONS[method, path]["responses"]
    assert '"1"' in refused.json()["detail"]
    assert await scenario.read(case["id"]) == case


@pytest.mark.parametrize("route", OPERATIONS, ids=lambda value: " ".join(value))
def test_the_document_demands_if_match_for_changes_of_a_case_alone(route: tuple[str, str]) -> None:
    parameters = OPERATIONS[route].get("parameters", [])
    demanded = {one["name"] for one in parameters if one["in"] == "header" and one.get("required")}
    assert ("If-Match" in demanded) == (route in CHANGES)


# What is filed may be rejected: without a version both could be done.
@pytest.mark.parametrize("verbs", [("file", "file"), ("file", "reject")])
async def test_of_two_verbs_based_on_one_version_one_is_done(
    scenario: Scenario, verbs: tuple[str, ...]
) -> None:
    case = await scenario.lead("T1")
    answers = await asyncio.gather(
        *(scenario.do(case["id"], verb, If_Match='"1"') for verb in verbs)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (done,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert await scenario.read(case["id"]) == done
    assert len(await scenario.events(case["id"])) == 2


async def test_a_list_shows_the_etag_to_send(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    (row,) = (await scenario.call("GET", "/v1/cases")).json()["data"]
    filed = await scenario.do(case["id"], "file", If_Match=row["etag"])
    assert filed.status_code == 200
    (row,) = (await scenario.call("GET", "/v1/cases")).json()["data"]
    # That of the single case also stands for what its reader may do with it.
    assert filed.headers["etag"].startswith(row["etag"].removesuffix('"') + ".")


async def test_a_verb_sent_again_gets_its_answer_whatever_came_then(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    sent = {"If_Match": '"1"', "Idempotency_Key": uuid4().hex}
    filed = await scenario.do(case["id"], "file", **sent)
    await scenario.go(case["id"], "propose")
    again = await scenario.do(case["id"], "file", **sent)
    assert (again.status_code, again.content) == (200, filed.content)
    assert again.headers["etag"] == filed.headers["etag"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_verb_based_on_an_old_version_leaves_its_key_free(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    key = uuid4().hex
    refused = await scenario.do(case["id"], "file", If_Match='"7"', Idempotency_Key=key)
    assert refused.status_code == 412
    filed = await scenario.do(case["id"], "file", If_Match='"1"', Idempotency_Key=key)
    assert filed.status_code == 200
