"""Every POST of the appraisal, sent twice."""

import asyncpg

from services.appraisal.main import app
from tests.appraisal.year import Year, even, person
from tests.support.repeating import ok, post_what_all_have, repeating, replay_a_parked_job

STAFF = ("P0", "P1")
RECORDS = "staff_no,kind,starts_on,ends_on\nP0,sick_leave,2025-03-01,2025-03-02\n"


async def test_every_post_is_answered_again_or_says_that_it_is_not(
    year: Year, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with repeating(app, year.client):
        await year.begin([person(staff_no) for staff_no in STAFF])
        within = {"cycle_id": year.cycle_id}
        await post_what_all_have(
            year.client, year.headers(), "participation-records", RECORDS, within=within
        )
        await year.score(dict.fromkeys(STAFF, even(70)))
        for verb in (
            "determine",
            "reopen",
            "determine",
            "publish-notice",
            "withdraw",
            "publish-notice",
        ):
            await year.ok("POST", f"{{c}}:{verb}")
        await year.travel("2026-02-01T09:00:00+08:00")
        await year.ok("POST", "{c}:confirm", role="bureau_leader")
        for staff_no in STAFF:
            ok(await year.directive(staff_no))
        decided = (("apply", None), ("dismiss", {"reason": "决定已被复核撤销"}))
        corrections = (await year.ok("GET", "/v1/corrections"))["data"]
        for correction, (verb, body) in zip(corrections, decided, strict=True):
            path, based_on = f"/v1/corrections/{correction['id']}", {"If-Match": correction["etag"]}
            leader = {"role": "bureau_leader", "headers": based_on}
            await year.ok("POST", f"{path}:{verb}", json=body, **leader)
        await replay_a_parked_job(year.client, admin, "appraisal")
