from collections import Counter
from datetime import date

import pytest

from client.sample.county import sample_county
from client.sample.model import Sample
from tests.client.sample.recomputed import long_absent, m4_persons, short_service, weighted_total

TRIGGERS = {*(f"T1-{n}" for n in range(1, 5)), *(f"T2-{n}" for n in range(1, 8))}


def test_twelve_cases_cover_every_trigger_source_measure_and_outcome(county: Sample) -> None:
    assert [case.case_no for case in county.cases] == [f"2025-{n:03d}" for n in range(1, 13)]
    assert {case.trigger for case in county.cases} == TRIGGERS
    assert Counter(case.outcome for case in county.cases) == {
        "decided": 10,
        "returned": 1,
        "rejected": 1,
    }
    assert {case.source for case in county.cases} == {
        "central_inspection",
        "superior_inspection",
        "self_check",
        "audit",
        "complaint",
        "joint_inspection",
    }
    in_force = {
        respondent.measure
        for case in county.cases
        if case.outcome != "rejected"
        for respondent in case.respondents
    }
    assert in_force == {"M1", "M2", "M3", "M4", "M5", None}


def test_m4_is_decided_at_every_point_of_the_year(county: Sample) -> None:
    moments = Counter(
        case.moment
        for case in county.cases
        for respondent in case.respondents
        if respondent.measure == "M4"
    )
    assert moments == {
        "before_determination": 3,
        "after_determination": 1,
        "after_confirmation": 1,
    }


@pytest.mark.parametrize("seed", range(5))
def test_respondents_are_active_staff_of_the_school_and_appear_once(seed: int) -> None:
    sample = sample_county(seed=seed)
    staff = {row["staff_no"]: row for row in sample.staff}
    named = [one.staff_no for case in sample.cases for one in case.respondents]
    assert len(sample.cases) == 12
    assert len(set(named)) == len(named)
    assert len({case.school_code for case in sample.cases}) == 12
    for case in sample.cases:
        assert {one.responsibility for one in case.respondents} == {"first", "direct"}
        assert date.fromisoformat(case.found_on).year == sample.year
        for one in case.respondents:
            assert staff[one.staff_no]["school_code"] == case.school_code
            assert staff[one.staff_no]["status"] == "active"


def test_the_first_responsible_person_is_the_head(county: Sample) -> None:
    duty = {row["staff_no"]: row["duty"] for row in county.staff}
    for case in county.cases:
        for one in case.respondents:
            assert (duty[one.staff_no] == "校长") == (one.responsibility == "first")


def test_facts_name_the_school(county: Sample) -> None:
    name = {row["school_code"]: row["name"] for row in county.schools}
    assert all(name[case.school_code] in case.facts for case in county.cases)


@pytest.mark.parametrize("seed", range(5))
def test_an_m4_prevents_an_excellent_result(seed: int) -> None:
    sample = sample_county(seed=seed)
    school = {row["staff_no"]: row["school_code"] for row in sample.staff}
    best: dict[str, tuple[int, str]] = {}
    for score in sample.scores:
        staff_no = score["staff_no"]
        best[school[staff_no]] = max(
            best.get(school[staff_no], (0, "")), (weighted_total(score), staff_no)
        )
    top = {staff_no for _, staff_no in best.values()}
    assert len(top & set(m4_persons(sample))) >= 2


def test_m4_never_coincides_with_a_reason_for_not_being_graded(county: Sample) -> None:
    m4 = set(m4_persons(county))
    records = {record["staff_no"] for record in county.participation_records}
    assert len(m4) == 5
    assert m4.isdisjoint(records | long_absent(county) | short_service(county))


def test_a_small_county_shares_its_schools_but_not_its_people() -> None:
    sample = sample_county(schools=3, points=0, staff=150)
    named = [one.staff_no for case in sample.cases for one in case.respondents]
    assert len(sample.cases) == 12
    assert len(set(named)) == len(named)
