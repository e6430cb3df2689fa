"""Dimension scores (德 能 勤 绩 廉): a bell of mostly 75–95, a weak few, and exact ties."""

from collections.abc import Sequence

from client.sample.chance import Dice
from client.sample.model import Row
from client.sample.staff import Person

DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")
# The founding rule set's weights; only used to place ties, a bureau may weigh otherwise.
_WEIGHTS = (20, 20, 15, 35, 10)
_LIFT = (1.5, 0.0, 1.0, -1.0, 2.0)
# Hundredths of a point throughout: exact, and a tie is really a tie.
_LOWEST, _HIGHEST = 3000, 9800
_STAR = (9860, 9900, 9840, 9950, 9910)
_SMALLEST_SCHOOL_WITH_TIES = 12
_EVERY_NTH_SCHOOL_WITH_TIES = 4
# 优秀 is limited to one in five: a tie across that border is the interesting one.
_QUOTA = 5

Marks = list[int]


def dimension_scores(dice: Dice, people: Sequence[Person], stars: set[str]) -> list[Row]:
    """Scores for everybody still on the roster, except those under investigation."""
    marks: dict[str, Marks] = {}
    by_school: dict[str, list[str]] = {}
    for person in people:
        if person.role in {"leaver", "under_investigation"}:
            continue
        if person.staff_no in stars:
            marks[person.staff_no] = list(_STAR)
            continue
        marks[person.staff_no] = _marks(dice)
        if person.role is None:
            by_school.setdefault(person.school_code, []).append(person.staff_no)
    candidates = [one for one in by_school.values() if len(one) >= _SMALLEST_SCHOOL_WITH_TIES]
    for school in candidates[::_EVERY_NTH_SCHOOL_WITH_TIES]:
        _tie(marks, school)
    return [_row(staff_no, values) for staff_no, values in marks.items()]


def _marks(dice: Dice) -> Marks:
    fate = dice.below(1000)
    base = dice.bell(57.0, 5.0) if fate < 12 else dice.bell(85.8, 4.4)
    marks = [min(_HIGHEST, max(_LOWEST, int(dice.bell(base + lift, 2.6) * 100))) for lift in _LIFT]
    if 12 <= fate < 18:
        # One clearly short dimension in an otherwise good year: a total alone hides it.
        marks[dice.below(5)] = dice.between(4200, 5890)
    return marks


def _tie(marks: dict[str, Marks], school: list[str]) -> None:
    """Make the best two equal, and the last inside and first outside the quota equal in total."""
    ranked = sorted(school, key=lambda staff_no: (-_total(marks[staff_no]), staff_no))
    marks[ranked[1]] = list(marks[ranked[0]])
    border = len(school) // _QUOTA
    virtue, ability, *rest = marks[ranked[border - 1]]
    marks[ranked[border]] = [ability, virtue, *rest]


def _total(marks: Marks) -> int:
    return sum(map(int.__mul__, marks, _WEIGHTS))


def _row(staff_no: str, marks: Marks) -> Row:
    row: Row = {"staff_no": staff_no}
    for dimension, value in zip(DIMENSIONS, marks, strict=True):
        row[dimension] = value / 100
    return row
