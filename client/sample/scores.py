"""Dimension scores (德 能 勤 绩 廉): mostly 75 to 95, some low ones, and exact ties."""

from collections.abc import Sequence

from client.sample.model import Row
from client.sample.randomness import SeededRandom
from client.sample.staff import Person

DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")
# Weights of the founding rule set, only used to place ties; a bureau may use others.
_WEIGHTS = (20, 20, 15, 35, 10)
_LIFT = (1.5, 0.0, 1.0, -1.0, 2.0)
# All values are in hundredths of a point, so that ties are exact.
_LOWEST, _HIGHEST = 3000, 9800
_TOP_MARKS = (9860, 9900, 9840, 9950, 9910)
_SMALLEST_SCHOOL_WITH_TIES = 12
_EVERY_NTH_SCHOOL_WITH_TIES = 4
# 优秀 is limited to one in five; ties are placed across this limit.
_QUOTA = 5

Marks = list[int]


def dimension_scores(
    rng: SeededRandom, people: Sequence[Person], top_scorers: set[str]
) -> list[Row]:
    """Scores for everybody on the roster except people under investigation."""
    marks: dict[str, Marks] = {}
    by_school: dict[str, list[str]] = {}
    for person in people:
        if person.scenario in {"leaver", "under_investigation"}:
            continue
        if person.staff_no in top_scorers:
            marks[person.staff_no] = list(_TOP_MARKS)
            continue
        marks[person.staff_no] = _marks(rng)
        if person.scenario is None:
            by_school.setdefault(person.school_code, []).append(person.staff_no)
    candidates = [one for one in by_school.values() if len(one) >= _SMALLEST_SCHOOL_WITH_TIES]
    for school in candidates[::_EVERY_NTH_SCHOOL_WITH_TIES]:
        _tie(marks, school)
    return [_row(staff_no, values) for staff_no, values in marks.items()]


def _marks(rng: SeededRandom) -> Marks:
    fate = rng.below(1000)
    base = rng.bell(57.0, 5.0) if fate < 12 else rng.bell(85.8, 4.4)
    marks = [min(_HIGHEST, max(_LOWEST, int(rng.bell(base + lift, 2.6) * 100))) for lift in _LIFT]
    if 12 <= fate < 18:
        # One low dimension that the total does not reveal.
        marks[rng.below(5)] = rng.between(4200, 5890)
    return marks


def _tie(marks: dict[str, Marks], school: list[str]) -> None:
    """Create two ties: the best two, and the totals on both sides of the quota limit."""
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
