"""What is exported of a year is imported unchanged."""

from datetime import date, timedelta
from typing import Any

from tests.appraisal.year import Year, even, person
from tests.support.hostile_strings import hostile_texts
from tests.support.round_trip import RoundTrip

NO_FRACTION, FRACTION = 90, 90.05


async def test_participation_records_and_scores_come_back_unchanged(year: Year) -> None:
    await year.begin([person("007"), person("A-1"), person("B", "2162000002")])
    records: list[dict[str, Any]] = [
        {"staff_no": "007", "kind": "sick_leave", "starts_on": day, "ends_on": day, "note": note}
        for n, note in enumerate([*hostile_texts(200), None])
        for day in [f"{date(2025, 1, 1) + timedelta(n)}"]
    ]
    host = {"kind": "secondment", "host_school_code": "2162000002"}
    records.append({"staff_no": "A-1", "starts_on": "2025-01-01", "ends_on": "2025-12-31"} | host)
    await year.load("participation-records", records)
    await year.ok("POST", "{c}:start-scoring")
    scores = [{"staff_no": "007"} | even(NO_FRACTION), {"staff_no": "A-1"} | even(FRACTION)]
    await year.load("scores", scores)
    within = {"cycle_id": year.cycle_id}
    for resource, rows in (("participation-records", len(records)), ("scores", len(scores))):
        await RoundTrip(year.client, year.headers(), resource, within).go(rows)
