from client.sample.model import Sample
from tests.client.sample.recomputed import weighted_total, with_kind

DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")


def totals_by_school(sample: Sample) -> dict[str, list[int]]:
    school = {row["staff_no"]: row["school_code"] for row in sample.staff}
    totals: dict[str, list[int]] = {}
    for score in sample.scores:
        totals.setdefault(school[score["staff_no"]], []).append(weighted_total(score))
    return {code: sorted(values, reverse=True) for code, values in totals.items()}


def test_everybody_on_the_roster_except_people_under_investigation_has_one_score(
    county: Sample,
) -> None:
    scored = [score["staff_no"] for score in county.scores]
    active = {row["staff_no"] for row in county.staff if row["status"] == "active"}
    assert len(scored) == len(set(scored))
    assert set(scored) == active - with_kind(county, "under_investigation")


def test_scores_are_points_with_two_decimals(county: Sample) -> None:
    for score in county.scores:
        assert list(score) == ["staff_no", *DIMENSIONS]
        for name in DIMENSIONS:
            assert 0 <= score[name] <= 100
            assert len(repr(score[name]).partition(".")[2]) <= 2


def test_most_scores_are_between_75_and_95_and_a_few_below_60(county: Sample) -> None:
    totals = [weighted_total(score) / 10_000 for score in county.scores]
    assert sum(75 <= total <= 95 for total in totals) > 0.9 * len(totals)
    assert 10 <= sum(total < 60 for total in totals) <= 80


def test_a_good_total_may_hide_a_low_dimension(county: Sample) -> None:
    hidden = [
        score
        for score in county.scores
        if weighted_total(score) > 700_000 and min(score[name] for name in DIMENSIONS) < 60
    ]
    assert len(hidden) >= 10


def test_some_schools_have_exact_ties_at_the_top_and_at_the_quota(county: Sample) -> None:
    schools = [values for values in totals_by_school(county).values() if len(values) >= 12]
    at_the_top = [values for values in schools if values[0] == values[1]]
    at_the_quota = [
        values
        for values in schools
        if (limit := len(values) // 5) and values[limit - 1] == values[limit]
    ]
    assert len(at_the_top) >= 5
    assert len(at_the_quota) >= 5
