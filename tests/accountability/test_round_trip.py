"""What is exported of cases is imported unchanged."""

import json

from tests.accountability.scenario import LEAD, Scenario
from tests.support.hostile_strings import hostile_texts
from tests.support.importing import counts, send
from tests.support.round_trip import RoundTrip


async def test_cases_come_back_unchanged_also_those_that_are_no_leads_any_more(
    scenario: Scenario,
) -> None:
    headers = scenario.as_("bureau_admin")
    long = "=" + "长" * 9_000 + '"\n'
    rows = [
        LEAD | {"case_no": f"2025-{n:04}", "title": f"案由 {n}", "facts": text}
        for n, text in enumerate([*hostile_texts(200), long + "末"])
    ]
    lines = "\n".join(json.dumps(row) for row in rows)
    job = await send(scenario.client, headers, "cases", lines, file_name="rows.ndjson")
    assert counts(job) == (len(rows), 0, 0, 0)
    filed = (await scenario.call("GET", "/v1/cases/by-key/2025-0000")).json()
    await scenario.go(filed["id"], "file")
    await RoundTrip(scenario.client, headers, "cases").go(len(rows))
