from typing import Any

import pytest

from tests.appraisal.year import Year, even, person
from tests.support.importing import Outcome

ONE, TWO = "2162000001", "2162000002"
SICK = {"staff_no": "A0", "kind": "sick_leave", "starts_on": "2025-02-01", "ends_on": "2025-02-10"}
NEW, CHANGED, SAME = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)


@pytest.fixture
async def scoring(year: Year) -> Year:
    """A cycle in scoring, with people at two schools."""
    await year.begin([person("A0", ONE), person("A1", ONE), person("B0", TWO)])
    await year.ok("POST", "{c}:start-scoring")
    return year


def faults(outcome: Outcome) -> list[tuple[int, str, str]]:
    """Row, field and code of every fault of rows that were refused."""
    assert outcome.code == "import.rows_failed", outcome
    return outcome.faults


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"staff_no": "Z9"}, "staff_no", "participant.unknown"),
        ({"kind": "holiday"}, "kind", "code.unknown"),
        ({"ends_on": "2025-01-31"}, "ends_on", "ends_on.before_start"),
        ({"starts_on": "2025-02-30"}, "starts_on", "date_from_datetime_parsing"),
        ({"ends_on": "9999-12-31"}, "ends_on", "date.implausible"),
        ({"kind": "借调"}, "host_school_code", "host_school_code.secondment"),
        ({"host_school_code": TWO}, "host_school_code", "host_school_code.secondment"),
        ({"colour": 3}, "colour", "extra_forbidden"),
        ({"note": "x" * 201}, "note", "string_too_long"),
    ],
)
async def test_a_faulty_record_names_its_row(
    scoring: Year, changes: dict[str, Any], field: str, code: str
) -> None:
    rows = [SICK | changes, SICK | {"staff_no": "A1"}]
    assert faults(await scoring.send("participation-records", rows)) == [(1, field, code)]
    assert (await scoring.ok("GET", "{c}/participation-records"))["data"] == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"staff_no": "Z9"}, "staff_no", "participant.unknown"),
        ({"virtue": 100.5}, "virtue", "less_than_equal"),
        ({"virtue": -1}, "virtue", "greater_than_equal"),
        ({"virtue": "90.005"}, "virtue", "decimal_max_places"),
        ({"virtue": "NaN"}, "virtue", "finite_number"),
        ({"virtue": "优"}, "virtue", "decimal_parsing"),
        ({"virtue": "1e1"}, "virtue", "decimal_parsing"),
        ({"virtue": "1_0"}, "virtue", "decimal_parsing"),
        ({"virtue": None}, "virtue", "missing"),
        ({"total": 90}, "total", "extra_forbidden"),
    ],
)
async def test_a_faulty_score_names_its_row(
    scoring: Year, changes: dict[str, Any], field: str, code: str
) -> None:
    rows = [{"staff_no": "A0"} | even(90) | changes, {"staff_no": "A1"} | even(90)]
    assert faults(await scoring.send("scores", rows)) == [(1, field, code)]
    assert (await scoring.ok("GET", "{c}/scores"))["data"] == []


async def test_a_key_twice_in_a_file(scoring: Year) -> None:
    twice = await scoring.send("participation-records", [SICK, SICK | {"ends_on": "2025-03-01"}])
    assert faults(twice) == [(2, "staff_no", "import.duplicate_in_file")]
    scores = [{"staff_no": "A0"} | even(1), {"staff_no": "A0"} | even(2)]
    assert faults(await scoring.send("scores", scores)) == [
        (2, "staff_no", "import.duplicate_in_file")
    ]


@pytest.mark.quick("services.appraisal.participation_records", "services.appraisal.scores")
async def test_importing_again_updates(scoring: Year) -> None:
    assert await scoring.load("participation-records", [SICK]) == NEW
    assert await scoring.load("participation-records", [SICK]) == SAME
    assert (
        await scoring.load("participation-records", [SICK | {"ends_on": "2025-02-20"}]) == CHANGED
    )
    (record,) = (await scoring.ok("GET", "{c}/participation-records"))["data"]
    assert (record["days"], record["school_code"]) == (20, ONE)
    row = {"staff_no": "A0"} | even(90)
    assert await scoring.load("scores", [row]) == NEW
    assert await scoring.load("scores", [row]) == SAME
    await scoring.ok("PUT", "{c}/scores/A0", json=even(91))
    assert await scoring.load("scores", [row]) == CHANGED
    (score,) = (await scoring.ok("GET", "{c}/scores"))["data"]
    assert (score["virtue"], score["version"]) == (90, 3)


async def test_csv_with_chinese_headers(scoring: Year) -> None:
    text = "工号,德,能,勤,绩,廉\nA0,90,91.5,92,93,94\n"
    assert (await scoring.send("scores", text)).counts == NEW
    header = "工号,类别,开始日期,结束日期,借调学校标识码,说明"
    text = f"{header}\nA0,借调,2025-01-01,2025-12-31,{TWO},支教\n"
    assert (await scoring.send("participation-records", text)).counts == NEW


async def test_a_record_recorded_by_mistake_can_be_deleted(scoring: Year) -> None:
    await scoring.load("participation-records", [SICK])
    (record,) = (await scoring.ok("GET", "{c}/participation-records"))["data"]
    path = f"{{c}}/participation-records/{record['id']}"
    elsewhere = scoring.headers("school_officer", schools=[TWO])
    assert (await scoring.call("DELETE", path, headers=elsewhere)).status_code == 404
    assert (await scoring.call("DELETE", path)).status_code == 204
    assert (await scoring.call("DELETE", path)).status_code == 404


async def test_a_record_that_has_changed_since_is_not_deleted(scoring: Year) -> None:
    await scoring.load("participation-records", [SICK])
    (seen,) = (await scoring.ok("GET", "{c}/participation-records"))["data"]
    await scoring.load("participation-records", [SICK | {"note": "延长"}])
    path, by = f"{{c}}/participation-records/{seen['id']}", scoring.headers()
    stale = await scoring.call("DELETE", path, headers=by | {"If-Match": seen["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "platform.precondition_failed")
    (now,) = (await scoring.ok("GET", "{c}/participation-records"))["data"]
    assert (seen["etag"], now["etag"]) == ('"1"', '"2"')
    done = await scoring.call("DELETE", path, headers=by | {"If-Match": now["etag"]})
    assert done.status_code == 204


async def test_a_school_officer_writes_for_its_own_school_only(scoring: Year) -> None:
    own = scoring.headers("school_officer", schools=[ONE])
    mixed = [{"staff_no": "A0"} | even(90), {"staff_no": "B0"} | even(90)]
    assert faults(await scoring.send("scores", mixed, headers=own)) == [
        (2, "staff_no", "participant.unknown")
    ]
    assert faults(
        await scoring.send("participation-records", [SICK | {"staff_no": "B0"}], headers=own)
    ) == [(1, "staff_no", "participant.unknown")]
    put = await scoring.call("PUT", "{c}/scores/B0", json=even(90), headers=own)
    assert (put.status_code, put.json()["code"]) == (404, "appraisal.not_on_roster")
    assert (await scoring.send("scores", mixed[:1], headers=own)).counts == NEW
    assert (await scoring.send("participation-records", [SICK], headers=own)).counts == NEW
    assert (await scoring.call("PUT", "{c}/scores/A1", json=even(9), headers=own)).is_success
    seen = await scoring.ok("GET", "{c}/scores", headers=own)
    assert [row["staff_no"] for row in seen["data"]] == ["A0", "A1"]


async def test_another_bureaus_cycle_is_not_there(scoring: Year) -> None:
    stranger = Year(scoring.client, scoring.registry, "999988", scoring.cycle_id)
    for resource, rows in (
        ("participation-records", [SICK]),
        ("scores", [{"staff_no": "A0"} | even(1)]),
    ):
        assert (await stranger.send(resource, rows)).code == "appraisal.cycle_not_found"
    put = await stranger.call("PUT", "{c}/scores/A0", json=even(1))
    assert put.status_code == 404


async def test_the_same_scores_sent_at_once_are_stored_once(scoring: Year) -> None:
    rows = [{"staff_no": no} | even(80) for no in ("A0", "A1", "B0")]
    outcomes = await scoring.together(
        *(scoring.send("scores", rows[:: (-1) ** n]) for n in range(6))
    )
    assert sorted(outcome.counts for outcome in outcomes) == [(0, 0, 3, 0)] * 5 + [(3, 0, 0, 0)]


async def test_scores_and_determination_take_turns(scoring: Year) -> None:
    rows = [{"staff_no": no} | even(80) for no in ("A0", "A1", "B0")]
    await scoring.load("scores", rows)
    late = [{"staff_no": no} | even(40) for no in ("A0", "A1", "B0")]
    sent, determined = await scoring.together(
        scoring.send("scores", late), scoring.call("POST", "{c}:determine")
    )
    assert determined.status_code == 200
    assert sent.code in (None, "appraisal.writing_closed")
    expected = "unqualified" if sent.code is None else "qualified"
    results = await scoring.results()
    assert {row["result"] for row in results.values()} == {expected}
