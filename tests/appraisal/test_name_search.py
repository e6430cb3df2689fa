"""`q` of the roster, and of the scores and results that are seen through it."""

import pytest

from tests.appraisal.year import Year, even, person
from tests.changes.copying import settled

NAMES = {"A1": "王小明", "A2": "王晓梅", "A3": "单雄信", "A4": "吕布", "A5": "O'Brien"}


@pytest.fixture
async def determined(year: Year) -> Year:
    """A year of people of whom each is found by something else."""
    await year.begin([person(number, name=name) for number, name in NAMES.items()])
    await year.score({number: even(70) for number in NAMES})
    await year.determine()
    return year


@pytest.mark.parametrize("resource", ["participants", "scores", "results"])
async def test_people_are_found_by_name_pinyin_and_initials(
    determined: Year, resource: str
) -> None:
    for q, numbers in {
        "小": ["A1"], "wang": ["A1", "A2"], "WXM": ["A1", "A2"], "wang xiaoming": ["A1"],
        "sxx": ["A3"], "shan": ["A3"], "dan": [], "lü": ["A4"], "obr": ["A5"], "'": ["A5"],
        "%": [], "xiaoming": [],
    }.items():  # fmt: skip
        page = await determined.ok("GET", f"{{c}}/{resource}", params={"q": q})
        assert [row["staff_no"] for row in page["data"]] == numbers, q
        assert "pinyin" not in str(page)


async def test_the_keys_of_the_roster_are_not_told(determined: Year) -> None:
    await settled()
    changes = await determined.ok("GET", "/v1/changes", params={"resource": "participants"})
    assert {change["changes"]["name"][1] for change in changes["data"]} == {*NAMES.values()}
    assert "pinyin" not in str(changes)
    listed = await determined.call("GET", "{c}/participants?format=csv")
    assert "pinyin" not in listed.text
