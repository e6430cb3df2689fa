"""What is exported of cases is imported unchanged."""

import json

from tests.accountability.world import LEAD, World
from tests.support.importing import counts, send
from tests.support.round_trip import RoundTrip
from tests.support.trouble import troubled


async def test_cases_come_back_unchanged_also_those_that_are_no_leads_any_more(
    world: World,
) -> None:
    headers = world.as_("bureau_admin")
    long = "=" + "长" * 9_000 + '"\n'
    rows = [
        LEAD | {"case_no": f"2025-{n:04}", "title": f"案由 {n}", "facts": text}
        for n, text in enumerate([*troubled(200), long + "末"])
    ]
    lines = "\n".join(json.dumps(row) for row in rows)
    job = await send(world.client, headers, "cases", lines, file_name="rows.ndjson")
    assert counts(job) == (len(rows), 0, 0, 0)
    filed = (await world.call("GET", "/v1/cases/by-key/2025-0000")).json()
    await world.go(filed["id"], "file")
    await RoundTrip(world.client, headers, "cases").go(len(rows))
