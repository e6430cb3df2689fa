from collections import Counter
from datetime import date

import pytest

from client.sample.county import sample_county
from client.sample.model import Sample
from tests.client.sample.recomputed import fingerprint

GOLDEN = "1c5650cf91e8121a6c4e12d53ea16f1b1b6b0273ee8074ba470ceb747fda4616"


def test_the_county_is_identical_everywhere(county: Sample) -> None:
    assert fingerprint(county) == GOLDEN


def test_the_seed_determines_the_county() -> None:
    assert sample_county(seed=1, staff=900) == sample_county(seed=1, staff=900)
    assert sample_county(seed=1, staff=900) != sample_county(seed=2, staff=900)


def test_the_county_has_the_size_of_the_national_average(county: Sample) -> None:
    types = Counter(row["school_type"] for row in county.schools)
    assert types == {
        "211": 45, "218": 18, "311": 11, "312": 6, "341": 1, "342": 1, "345": 1, "514": 1
    }  # fmt: skip
    assert len(county.staff) == 4200
    assert 50_000 < sum(row["enrolment"] for row in county.schools) < 60_000


CLASS_OF_TYPE = {
    "211": "21", "218": "21", "311": "31", "312": "31",
    "341": "34", "342": "34", "345": "34", "514": "51",
}  # fmt: skip


def test_school_codes_are_unique_and_agree_with_the_type(county: Sample) -> None:
    codes = [row["school_code"] for row in county.schools]
    assert len(set(codes)) == len(codes)
    assert len({row["name"] for row in county.schools}) == len(codes)
    for row in county.schools:
        code = row["school_code"]
        assert code.isdigit()
        assert len(code) == 10
        assert code[:2] == CLASS_OF_TYPE[row["school_type"]]
        assert code[2:4] == county.bureau.bureau_code[:2]
        assert row["area_type"] in {"121", "122", "210", "220"}


def test_teaching_points_belong_to_a_central_school_listed_before_them(county: Sample) -> None:
    seen: dict[str, str] = {}
    for row in county.schools:
        if row["school_type"] == "218":
            assert "中心小学" in seen[row["parent_code"]]
        else:
            assert row["parent_code"] is None
        seen[row["school_code"]] = row["name"]


def test_every_school_has_one_head_and_a_realistic_staff(county: Sample) -> None:
    staff = Counter(row["school_code"] for row in county.staff)
    heads = Counter(row["school_code"] for row in county.staff if row["duty"] == "校长")
    assert heads == {row["school_code"]: 1 for row in county.schools}
    for row in county.schools:
        low, high = (2, 5) if row["school_type"] == "218" else (6, 300)
        assert low <= staff[row["school_code"]] <= high


def test_staff_numbers_run_through_the_bureau(county: Sample) -> None:
    assert [row["staff_no"] for row in county.staff] == [f"T{n:06d}" for n in range(1, 4201)]


def test_posts_levels_and_titles_agree(county: Sample) -> None:
    title_levels = {
        "senior_professor": range(1, 5),
        "senior": range(5, 8),
        "first": range(8, 11),
        "second": range(11, 13),
        "third": range(13, 14),
    }
    highest = {"management": 10, "worker": 5}
    for row in county.staff:
        if row["post_category"] == "professional":
            assert row["post_level"] in title_levels[row["title"]]
        else:
            assert row["title"] is None
            assert 1 <= row["post_level"] <= highest[row["post_category"]]
    assert {row["title"] for row in county.staff} == {*title_levels, None}
    assert {row["post_category"] for row in county.staff} == {"professional", *highest}


def test_names_are_plausible(county: Sample) -> None:
    names = [row["name"] for row in county.staff]
    assert all(2 <= len(name) <= 4 for name in names)
    assert sum(len(name) <= 3 for name in names) > 0.98 * len(names)
    common = Counter(name[0] for name in names).most_common(4)
    assert {surname for surname, _ in common} <= set("王李张刘陈杨马")
    assert any(name.startswith(("欧阳", "司马", "皇甫", "慕容")) for name in names)


def test_leavers_left_during_the_year_and_are_not_active(county: Sample) -> None:
    left = [row for row in county.staff if row["left_on"]]
    assert len(left) == 25
    for row in county.staff:
        assert (row["status"] == "left") == (row["left_on"] is not None)
        assert date.fromisoformat(row["employed_on"]) <= date(2025, 12, 31)
    assert all(date(2025, 1, 1) <= date.fromisoformat(row["left_on"]) for row in left)
    assert all(date.fromisoformat(row["left_on"]) <= date(2025, 11, 30) for row in left)


@pytest.mark.parametrize(
    ("schools", "points", "staff"), [(1, 0, 60), (4, 1, 120), (12, 3, 500), (300, 60, 15_000)]
)
def test_a_county_of_any_size_is_complete(schools: int, points: int, staff: int) -> None:
    sample = sample_county(schools=schools, points=points, staff=staff)
    assert len(sample.schools) == schools + points
    assert len({row["name"] for row in sample.schools}) == schools + points
    assert len(sample.staff) == staff
    assert len({row["id_number"] for row in sample.staff}) == staff
    assert {row["school_code"] for row in sample.staff} == {
        row["school_code"] for row in sample.schools
    }


def test_a_county_without_enough_people_is_refused() -> None:
    with pytest.raises(ValueError, match="too few staff"):
        sample_county(schools=20, points=0, staff=100)
    with pytest.raises(ValueError, match="at least one school"):
        sample_county(schools=0)
