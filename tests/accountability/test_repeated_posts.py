"""Every POST of accountability, sent twice."""

import asyncpg

from services.accountability.main import app
from tests.accountability.scenario import SCHOOL, Scenario
from tests.support.repeating import post_what_all_have, repeating, replay_a_parked_job

LEADS = (
    "案号,案由,事实,问责情形,线索来源,学校标识码,发现日期\n"
    f"2025-901,环境脏乱,无人清理,校园环境脏乱,投诉举报,{SCHOOL},2025-05-27\n"
)


async def test_every_post_is_answered_again_or_says_that_it_is_not(
    scenario: Scenario, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with repeating(app, scenario.client):
        case = await scenario.lead("T1")
        respondents = {"respondents": [{"staff_no": "T2", "responsibility": "第一责任人"}]}
        named = await scenario.call("POST", f"/v1/cases/{case['id']}/respondents", json=respondents)
        assert named.is_success, named.text
        await scenario.go(case["id"], "file", "propose", "review", "return", "propose", "review")
        await scenario.go(case["id"], "notify")
        body = {"statement": "缺口已于三月报告。"}
        own = scenario.as_("staff", staff_no="T1")
        (mine,) = (await scenario.client.get("/v1/own-cases", headers=own)).json()["data"]
        path = f"/v1/own-cases/{mine['id']}:defend"
        defended = await scenario.client.post(path, json=body, headers=own)
        assert defended.is_success, defended.text
        await scenario.go(case["id"], "decide", "execute", "close")
        await scenario.go((await scenario.lead())["id"], "reject")
        await post_what_all_have(scenario.client, scenario.as_("bureau_admin"), "cases", LEADS)
        await replay_a_parked_job(scenario.client, admin, "accountability")
