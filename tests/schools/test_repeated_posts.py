"""Every POST of the registry, sent twice."""

import asyncpg

from services.schools.main import app
from tests.schools.county import County, assignment, csv_of, id_number, person, school
from tests.support.repeating import post_what_all_have, repeating, replay_a_parked_job
from tests.support.tokens import bearer

REASON = {"reason": "本人申请"}
PLATFORM = {"subject": {"bureau": None}}


async def test_every_post_is_answered_again_or_says_that_it_is_not(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with repeating(app, county.client):
        bureau = {"bureau_code": county.bureau, "name": "示例县教育局"}
        await county.ok("POST", "/v1/bureaus", json=bureau, role="system_admin", **PLATFORM)
        await county.ok("POST", "/v1/schools", json=school(county.code(3)))
        old = person("T1", county.one, 1, status="left", left_on="2012-02-29")
        somebody = await county.ok("POST", "/v1/staff", json=old)
        await county.ok("POST", "/v1/staff", json=person("T2", county.one, 2))
        for path, item in (
            ("/v1/schools:batch", school(county.code(5))),
            ("/v1/staff:batch", person("T3", county.one, 3)),
        ):
            await county.ok("POST", path, json={"items": [item]})
        await county.ok("POST", "/v1/assignments", json=assignment("T2", county.one))
        await county.ok("POST", "/v1/staff:search", json={"id_number": id_number(1)})
        path = f"/v1/staff/{somebody['id']}"
        await county.ok("POST", f"{path}:reveal", json={"purpose": "核对"})
        await _settle_reports(county)
        for verb in ("restrict", "unrestrict", "erase"):
            await county.ok("POST", f"{path}:{verb}", json=REASON)
        rotate = "/v1/personal-data:rotate"
        await county.ok("POST", rotate, role="security_admin", **PLATFORM)
        rows = csv_of([school(county.code(4))]).decode()
        headers = bearer("bureau_admin", bureau=county.bureau)
        await post_what_all_have(county.client, headers, "schools", rows)
        await replay_a_parked_job(county.client, admin, "schools")


async def _settle_reports(county: County) -> None:
    """Two ID numbers that an integration reports: one is accepted, the other dismissed."""
    for serial in (21, 22):
        change = {"id_number": id_number(serial)}
        await county.ok("PATCH", "/v1/staff/by-key/T2", json=change, role="integration")
    reports = (await county.ok("GET", "/v1/id-number-reports"))["data"]
    accepted, dismissed = (f"/v1/id-number-reports/{one['id']}" for one in reports)
    await county.ok("POST", f"{accepted}:reveal", json={"purpose": "核对"})
    await county.ok("POST", f"{accepted}:accept")
    await county.ok("POST", f"{dismissed}:dismiss", json=REASON)
