"""M4 becomes a directive: delivered exactly once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.accountability.case_procedure.schemas import Decision
from services.accountability.case_procedure.service import decide_case
from services.accountability.cases.history import Actor
from services.accountability.directives.delivery import deliver_directive
from services.accountability.features import SERVICE
from services.chassis.database.auth import Caller
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database, as_service, raw
from services.chassis.queue import worker as job_worker
from services.chassis.queue.jobs import JobContext, TryAgain
from services.chassis.runtime.process import working
from tests.accountability.fake_gateway import Answer, problem
from tests.accountability.scenario import TO_REVIEW, Scenario
from tests.support.tokens import claims

QUEUED = "select count(*) from pgqueuer where convert_from(payload, 'UTF8') like '%' || $1 || '%'"


@asynccontextmanager
async def worker(scenario: Scenario) -> AsyncIterator[None]:
    """The service's job worker, as it runs beside or inside the service."""
    async with working("accountability", SERVICE.jobs, scenario.app.state.resources):
        yield


async def directive(scenario: Scenario, case_id: str, staff_no: str = "T1") -> dict[str, Any]:
    respondents = (await scenario.read(case_id))["respondents"]
    (found,) = (one["directive"] for one in respondents if one["staff_no"] == staff_no)
    result: dict[str, Any] = found
    return result


async def settled(scenario: Scenario, case_id: str, staff_no: str = "T1") -> dict[str, Any]:
    """The directive once it is no longer pending."""
    async with asyncio.timeout(15):
        while (found := await directive(scenario, case_id, staff_no))["state"] == "pending":
            await asyncio.sleep(0.05)
    return found


def lost(_body: dict[str, Any]) -> httpx.Response:
    raise httpx.ReadError("connection reset")


async def test_only_m4_becomes_a_directive(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4", T2="M5", T3="M1")
    by_staff = {one["staff_no"]: one["directive"] for one in case["respondents"]}
    assert by_staff["T2"] is None
    assert by_staff["T3"] is None
    assert by_staff["T1"] == {
        "directive_no": f"{scenario.bureau}-{case['case_no']}.T1",
        "state": "pending",
        "attempts": 0,
        "detail": None,
        "delivered_at": None,
    }
    assert await scenario.sql(QUEUED, scenario.bureau) == 1


@pytest.mark.quick("services.accountability.directives")
async def test_a_directive_is_delivered_with_all_it_says(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    async with worker(scenario):
        delivered = await settled(scenario, case["id"])
    assert delivered["state"] == "delivered"
    assert delivered["attempts"] == 1
    assert delivered["detail"] is None
    assert delivered["delivered_at"] is not None
    assert scenario.gateway.posted == [
        {
            "directive_no": f"{scenario.bureau}-{case['case_no']}.T1",
            "year": 2025,
            "staff_no": "T1",
            "effect": "fix",
            "result": "unqualified",
            "case_no": case["case_no"],
            "measure": "M4",
            "basis": "责任追究制度 第一类第3项",
            "decided_on": case["decided_on"],
        }
    ]
    last = (await scenario.events(case["id"]))[-1]
    assert (last["verb"], last["actor"]) == ("directive_delivered", "service-accountability")
    assert await scenario.sql(QUEUED, scenario.bureau) == 0
    await scenario.go(case["id"], "execute", "close")


@pytest.mark.parametrize("status", [403, 409, 422])
async def test_a_refusal_is_kept_with_its_reason(scenario: Scenario, status: int) -> None:
    scenario.gateway.script = [
        lambda _: problem(status, "appraisal.unknown_person", "名册中没有此人")
    ]
    case = await scenario.decided(T1="M4")
    async with worker(scenario):
        refused = await settled(scenario, case["id"])
    assert refused["state"] == "refused"
    assert refused["detail"] == "appraisal.unknown_person 名册中没有此人"
    assert refused["delivered_at"] is None
    assert (await scenario.events(case["id"]))[-1]["verb"] == "directive_refused"
    await scenario.go(case["id"], "execute", "close")


async def test_an_unable_service_is_asked_until_it_answers(scenario: Scenario) -> None:
    scenario.gateway.script = [
        lambda _: problem(503, "platform.unavailable", "服务暂不可用"),
        lambda _: problem(500, "platform.internal_error", "服务器内部错误"),
    ]
    case = await scenario.decided(T1="M4")
    async with worker(scenario):
        delivered = await settled(scenario, case["id"])
    assert delivered["state"] == "delivered"
    assert delivered["attempts"] == 3
    assert len(scenario.gateway.posted) == 3
    assert len(scenario.gateway.stored) == 1
    assert await scenario.sql(QUEUED, scenario.bureau) == 0


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (
            lambda _: problem(507, "platform.storage_full", "存储空间已满"),
            "platform.storage_full 存储空间已满",
        ),
        (lambda _: problem(429, "platform.limited", "请求过多"), "platform.limited 请求过多"),
        (lambda _: problem(404, "platform.not_found", "没有"), "platform.not_found 没有"),
        (lambda _: problem(502, "gateway.bad", "上游坏了"), "platform.upstream_unavailable"),
        (lambda _: httpx.Response(500, text="<html>"), "HTTP 500"),
        (lambda _: httpx.Response(302), "HTTP 302"),
        (lost, "platform.upstream_unavailable"),
    ],
)
async def test_any_other_answer_puts_the_directive_off(
    scenario: Scenario, answer: Answer, detail: str
) -> None:
    case = await scenario.decided(T1="M4")
    number = (await directive(scenario, case["id"]))["directive_no"]
    scenario.gateway.script = [answer]
    context = JobContext(scenario.app.state.resources[Database], scenario.app.state.resources, 0)
    with pytest.raises(TryAgain):
        await deliver_directive(context, {"directive_no": number})
    found = await directive(scenario, case["id"])
    assert (found["state"], found["attempts"], found["detail"]) == ("pending", 1, detail)
    assert [event["verb"] for event in await scenario.events(case["id"])][-1] == "decide"
    # No step of the procedure, but the case shows it: its ETag must tell the two apart.
    assert (await scenario.read(case["id"]))["version"] == case["version"] + 1


async def test_a_refused_token_is_replaced_at_once(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    number = (await directive(scenario, case["id"]))["directive_no"]
    refused = problem(401, "auth.invalid_token", "令牌无效")
    scenario.gateway.script = [lambda _: refused]
    tokens = scenario.gateway.tokens
    context = JobContext(scenario.app.state.resources[Database], scenario.app.state.resources, 0)
    await deliver_directive(context, {"directive_no": number})
    assert scenario.gateway.tokens == tokens + 1
    found = await directive(scenario, case["id"])
    assert (found["state"], found["attempts"]) == ("delivered", 1)
    assert len(scenario.gateway.posted) == 2


async def test_a_token_that_is_refused_twice_puts_the_directive_off(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    number = (await directive(scenario, case["id"]))["directive_no"]
    refused = problem(401, "auth.invalid_token", "令牌无效")
    scenario.gateway.script = [lambda _: refused] * 2
    context = JobContext(scenario.app.state.resources[Database], scenario.app.state.resources, 0)
    with pytest.raises(TryAgain):
        await deliver_directive(context, {"directive_no": number})
    found = await directive(scenario, case["id"])
    assert (found["state"], found["detail"]) == ("pending", "auth.invalid_token 令牌无效")


async def test_a_job_run_once_more_does_nothing(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    number = (await directive(scenario, case["id"]))["directive_no"]
    context = JobContext(scenario.app.state.resources[Database], scenario.app.state.resources, 0)
    for _ in range(3):
        await deliver_directive(context, {"directive_no": number})
    assert len(scenario.gateway.posted) == 1
    assert (await directive(scenario, case["id"]))["attempts"] == 1


async def test_a_put_off_directive_says_why(scenario: Scenario) -> None:
    scenario.gateway.script = [lambda _: problem(500, "platform.internal_error", "坏了")] * 9
    case = await scenario.decided(T1="M4")
    async with worker(scenario), asyncio.timeout(15):
        while (await directive(scenario, case["id"]))["attempts"] == 0:
            await asyncio.sleep(0.05)
    pending = await directive(scenario, case["id"])
    assert pending["state"] == "pending"
    assert pending["detail"] == "platform.internal_error 坏了"
    refused = await scenario.do(case["id"], "execute")
    assert refused.status_code == 200
    assert (await scenario.do(case["id"], "close")).status_code == 409
    # A worker started later finishes the work by itself.
    scenario.gateway.script = []
    async with worker(scenario):
        assert (await settled(scenario, case["id"]))["state"] == "delivered"
    assert len(scenario.gateway.stored) == 1


async def test_a_lost_answer_is_asked_for_again_and_counts_once(scenario: Scenario) -> None:
    def stored_but_lost(body: dict[str, Any]) -> httpx.Response:
        scenario.gateway.accept(body)
        return lost(body)

    scenario.gateway.script = [stored_but_lost]
    case = await scenario.decided(T1="M4")
    async with worker(scenario):
        delivered = await settled(scenario, case["id"])
    assert delivered["attempts"] == 2
    assert len(scenario.gateway.posted) == 2
    assert scenario.gateway.posted[0] == scenario.gateway.posted[1]
    assert len(scenario.gateway.stored) == 1


async def test_a_refused_token_is_replaced(scenario: Scenario) -> None:
    scenario.gateway.script = [lambda _: problem(401, "auth.invalid_token", "令牌无效")]
    case = await scenario.decided(T1="M4")
    tokens = scenario.gateway.tokens
    async with worker(scenario):
        delivered = await settled(scenario, case["id"])
    assert delivered["state"] == "delivered"
    assert scenario.gateway.tokens == tokens + 1


async def test_an_unreachable_gateway_is_waited_for(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4", T2="M4")
    scenario.gateway.is_down = True
    async with worker(scenario):
        async with asyncio.timeout(15):
            while (await directive(scenario, case["id"]))["attempts"] == 0:
                await asyncio.sleep(0.05)
        scenario.gateway.is_down = False
        for staff_no in ("T1", "T2"):
            assert (await settled(scenario, case["id"], staff_no))["state"] == "delivered"
    assert len(scenario.gateway.stored) == 2


async def test_a_rolled_back_decision_leaves_no_job(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    proposal = {"measures": [{"staff_no": "T1", "measure": "M4"}], "opinion": "建议"}
    await scenario.go(case["id"], *TO_REVIEW, propose=proposal)
    caller = Caller.from_claims(claims(["bureau_leader"], bureau=scenario.bureau, name="leader"))
    actor = Actor.of(caller, await scenario.app.state.resources[Clock].now())

    async def decide_and_fail() -> None:
        async with scenario.app.state.resources[Database].session(caller) as session:
            await decide_case(session, caller, actor, UUID(case["id"]), Decision(basis="依据"))
            await session.flush()
            async with as_service(await raw(session)) as service:
                assert await service.fetchval(QUEUED, scenario.bureau) == 1
            raise RuntimeError("the power goes out")

    with pytest.raises(RuntimeError, match="power"):
        await decide_and_fail()
    assert await scenario.sql(QUEUED, scenario.bureau) == 0
    after = await scenario.read(case["id"])
    assert after["state"] == "under_review"
    assert after["respondents"][0]["directive"] is None


async def test_the_job_of_a_killed_worker_is_picked_up_again(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    # What `kill -9` leaves behind: the job is taken, and nobody keeps its heart beating.
    await scenario.app.state.resources[Database].pool.execute(  # as the worker is logged in
        "update pgqueuer set status = 'picked', queue_manager_id = gen_random_uuid(), "
        "heartbeat = now() - interval '1 minute' "
        "where convert_from(payload, 'UTF8') like '%' || $1 || '%'",
        scenario.bureau,
    )
    async with worker(scenario):
        assert (await settled(scenario, case["id"]))["state"] == "delivered"
    assert len(scenario.gateway.posted) == 1
    assert await scenario.sql(QUEUED, scenario.bureau) == 0


async def test_a_full_disk_of_its_own_puts_a_directive_off(
    scenario: Scenario, admin: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was delivered cannot be written down: it is delivered again, and never parked."""
    monkeypatch.setattr(job_worker, "MAX_FAILURES", 2)
    monkeypatch.setattr(job_worker, "FIRST_RETRY", timedelta(seconds=0.1))
    monkeypatch.setattr(job_worker, "LONGEST_RETRY", timedelta(seconds=0.1))
    case = await scenario.decided(T1="M4")
    await admin.execute(
        "create function public.test_full() returns trigger language plpgsql as $$ begin "
        "raise exception 'could not extend file: No space left on device' "
        "using errcode = 'disk_full'; end $$; "
        "create trigger test_full before update on accountability.directive_delivery "
        f"for each row when (new.bureau_code = '{scenario.bureau}') "
        "execute function public.test_full()"
    )
    async with worker(scenario):
        try:
            async with asyncio.timeout(30):
                while len(scenario.gateway.posted) < 4:
                    await asyncio.sleep(0.05)
            assert await scenario.sql(QUEUED, scenario.bureau) == 1
        finally:
            await admin.execute("drop function public.test_full() cascade")
        assert (await settled(scenario, case["id"]))["state"] == "delivered"
    assert len(scenario.gateway.stored) == 1
