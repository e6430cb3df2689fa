from collections import Counter
from datetime import date

import pytest

from client.sample.county import sample_county
from client.sample.model import Sample
from tests.client.sample.recomputed import (
    COUNTED_LEAVE,
    bounds,
    days_in_year,
    leave_days,
    long_absent,
    m4_persons,
    records_by_person,
    short_service,
    with_kind,
)


def test_each_scenario_occurs_as_often_as_planned(county: Sample) -> None:
    assert len(long_absent(county)) == 28
    assert len(short_service(county)) == 96
    assert len(with_kind(county, "under_investigation")) == 2
    assert len(with_kind(county, "refused")) == 1
    assert len(with_kind(county, "maternity_leave")) == 46
    assert len(with_kind(county, "secondment")) == 36


@pytest.mark.parametrize(("year", "half"), [(2025, 182), (2024, 183)])
def test_leave_occurs_on_both_sides_of_the_limit(year: int, half: int) -> None:
    sample = sample_county(year=year)
    lengths = Counter(leave_days(sample).values())
    *_, days = bounds(year)
    assert half * 2 <= days < (half + 1) * 2
    assert lengths[half + 1] >= 3
    assert lengths[half] >= 3
    assert lengths[half - 1] >= 2


def test_several_periods_exceed_half_only_together(county: Sample) -> None:
    *_, days = bounds(county.year)
    records = records_by_person(county)
    several = [no for no in long_absent(county) if len(records[no]) > 1]
    assert len(several) == 6
    for staff_no in several:
        pieces = [days_in_year(record, county.year) for record in records[staff_no]]
        assert all(len(piece) * 2 < days for piece in pieces)
        assert len(set().union(*pieces)) == sum(map(len, pieces))
    assert any(len({record["kind"] for record in records[no]}) > 1 for no in several)


def test_leave_over_half_a_year_may_be_mostly_outside_the_year(county: Sample) -> None:
    *_, days = bounds(county.year)
    absent = long_absent(county)
    outside = [
        record
        for record in county.participation_records
        if record["kind"] == "sick_leave"
        and record["staff_no"] not in absent
        and (date.fromisoformat(record["ends_on"]) - date.fromisoformat(record["starts_on"])).days
        > days / 2
        and len(days_in_year(record, county.year)) < days / 2 - 1
    ]
    assert len(outside) >= 2


def test_maternity_leave_is_no_reason_even_beyond_half(county: Sample) -> None:
    *_, days = bounds(county.year)
    lengths = [
        len(days_in_year(record, county.year))
        for record in county.participation_records
        if record["kind"] == "maternity_leave"
    ]
    assert all(158 <= length <= 190 for length in lengths)
    assert sum(length * 2 > days for length in lengths) == 12
    assert with_kind(county, "maternity_leave").isdisjoint(leave_days(county))
    sex = {row["staff_no"]: int(row["id_number"][16]) for row in county.staff}
    assert all(sex[no] % 2 == 0 for no in with_kind(county, "maternity_leave"))


@pytest.mark.parametrize(
    ("year", "last_timely", "first_short"),
    [(2025, "2025-07-02", "2025-07-03"), (2024, "2024-07-02", "2024-07-03")],
)
def test_hiring_occurs_on_both_sides_of_the_limit(
    year: int, last_timely: str, first_short: str
) -> None:
    sample = sample_county(year=year)
    employed = {row["staff_no"]: row["employed_on"] for row in sample.staff}
    short = short_service(sample)
    assert [employed[no] for no in short].count(first_short) == 2
    timely = [no for no, day in employed.items() if day == last_timely]
    assert len(timely) == 2
    assert short.isdisjoint(timely)


def test_secondments_name_another_school_of_the_bureau(county: Sample) -> None:
    *_, days = bounds(county.year)
    home = {row["staff_no"]: row["school_code"] for row in county.staff}
    schools = {row["school_code"] for row in county.schools}
    shares = []
    for record in county.participation_records:
        if record["kind"] != "secondment":
            assert record["host_school_code"] is None
            continue
        assert record["host_school_code"] in schools - {home[record["staff_no"]]}
        shares.append(len(days_in_year(record, county.year)) / days)
    assert sum(share > 0.5 for share in shares) == 18
    assert sum(share < 0.5 for share in shares) == 18


def test_participation_records_fall_into_the_year_and_into_the_employment(county: Sample) -> None:
    staff = {row["staff_no"]: row for row in county.staff}
    for record in county.participation_records:
        assert days_in_year(record, county.year)
        assert record["starts_on"] <= record["ends_on"]
        assert staff[record["staff_no"]]["employed_on"] < record["starts_on"]
        assert staff[record["staff_no"]]["status"] == "active"


@pytest.mark.parametrize("seed", range(5))
def test_nobody_has_two_scenarios_or_an_m4(seed: int) -> None:
    sample = sample_county(seed=seed)
    groups = [
        long_absent(sample),
        short_service(sample),
        with_kind(sample, "maternity_leave"),
        with_kind(sample, "secondment"),
        with_kind(sample, "under_investigation"),
        with_kind(sample, "refused"),
        {row["staff_no"] for row in sample.staff if row["left_on"]},
        set(m4_persons(sample)),
    ]
    assert sum(map(len, groups)) == len(set().union(*groups))
    for records in records_by_person(sample).values():
        kinds = {record["kind"] for record in records}
        assert len(kinds) == 1 or kinds <= COUNTED_LEAVE


def test_a_small_county_has_every_kind() -> None:
    sample = sample_county(schools=8, points=2, staff=400)
    assert {record["kind"] for record in sample.participation_records} == {
        *COUNTED_LEAVE,
        "maternity_leave",
        "secondment",
        "under_investigation",
        "refused",
    }
    assert long_absent(sample)
    assert short_service(sample)
