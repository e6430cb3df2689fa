"""The staff of a bureau: who works where, in which post, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from client.sample.chance import Dice, Weighted
from client.sample.id_numbers import IdNumbers
from client.sample.model import Row
from client.sample.names import person_name
from client.sample.posts import duties_for, post_for

_ONE_DAY = timedelta(days=1)
_EXPERIENCED = frozenset({"校长", "副校长", "教导主任", "总务主任", "教研组长"})
_EMPLOYMENT_ROLES = ("leaver", "new_hire", "new_hire_edge", "timely_hire", "timely_hire_edge")


@dataclass(slots=True)
class Unit:
    """A school's import row, and the number of people who work there."""

    row: Row
    staff: int

    @property
    def code(self) -> str:
        """The school's identifier code."""
        return str(self.row["school_code"])


@dataclass(slots=True)
class Person:
    """A member of staff, before being written as an import row."""

    staff_no: str
    name: str
    id_number: str
    school_code: str
    post_category: str
    post_level: int
    title: str | None
    duty: str
    employed_on: date
    left_on: date | None
    birth_year: int
    is_female: bool
    role: str | None

    def row(self) -> Row:
        """The person as a row of the staff import."""
        return {
            "staff_no": self.staff_no,
            "name": self.name,
            "id_number": self.id_number,
            "school_code": self.school_code,
            "post_category": self.post_category,
            "post_level": self.post_level,
            "title": self.title,
            "duty": self.duty,
            "employed_on": self.employed_on.isoformat(),
            "left_on": self.left_on.isoformat() if self.left_on else None,
            "status": "left" if self.left_on else "active",
        }


@dataclass(slots=True)
class Registry:
    """What hiring needs to know: the year, the home counties of staff, the numbers given so far."""

    year: int
    areas: Weighted[str]
    id_numbers: IdNumbers


def hire_staff(
    dice: Dice, registry: Registry, units: Sequence[Unit], shares: dict[str, int]
) -> list[Person]:
    """Fill every post of every school, in the schools' order, the head first."""
    posts = [
        (unit, duty)
        for unit in units
        for duty in duties_for(unit.staff, is_primary=unit.row["school_type"] in {"211", "218"})
    ]
    roles = _employment_roles(dice, [duty for _, duty in posts], shares)
    return [
        _hire(dice, registry, number, unit, duty, roles.get(number))
        for number, (unit, duty) in enumerate(posts, start=1)
    ]


def first_short_day(year: int) -> date:
    """The first day on which a new hire serves less than half of the year."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return date(year, 12, 31) - ((days - 1) // 2 - 1) * _ONE_DAY


def _employment_roles(dice: Dice, duties: list[str], shares: dict[str, int]) -> dict[int, str]:
    """Who came or left this year, by position: plain teachers, no one with a further duty."""
    deck = dice.shuffled(number for number, duty in enumerate(duties, start=1) if duty == "教师")
    roles: dict[int, str] = {}
    for role in _EMPLOYMENT_ROLES:
        for _ in range(min(shares[role], len(deck))):
            roles[deck.pop()] = role
    return roles


def _hire(
    dice: Dice, registry: Registry, number: int, unit: Unit, duty: str, role: str | None
) -> Person:
    is_female = dice.happens(0.3 if duty in {"工勤", "校长", "总务主任"} else 0.62)
    youngest = 32 if duty in _EXPERIENCED else 24
    born, employed_on, left_on = _life(dice, registry.year, role, youngest, is_female=is_female)
    area = registry.areas.pick(dice)
    id_number, born = registry.id_numbers.take(area, born, is_female=is_female)
    served = registry.year - employed_on.year
    category, level, title = post_for(dice, duty, unit.staff, served)
    return Person(
        staff_no=f"T{number:06d}",
        name=person_name(dice, is_female=is_female, birth_year=born.year),
        id_number=id_number,
        school_code=unit.code,
        post_category=category,
        post_level=level,
        title=title,
        duty=duty,
        employed_on=employed_on,
        left_on=left_on,
        birth_year=born.year,
        is_female=is_female,
        role=role,
    )


def _life(
    dice: Dice, year: int, role: str | None, youngest: int, *, is_female: bool
) -> tuple[date, date, date | None]:
    """Birth, employment and, for leavers, the last day."""
    if role is not None and role != "leaver":
        born = date(year - dice.between(22, 27), dice.between(1, 12), dice.between(1, 28))
        return born, _hired_on(dice, year, role), None
    retires_at = 55 if is_female else 60
    # The mean of two draws: most people stand in the middle of their working life.
    age = youngest + int((dice.unit() + dice.unit()) / 2 * (retires_at - 1 - youngest))
    month = dice.between(1, 12)
    left_on = None
    if role == "leaver":
        left_on = date(year, dice.between(2, 11), dice.between(1, 28))
        if dice.happens(0.6):
            age, month = retires_at, left_on.month - 1
    born = date(year - age, month, dice.between(1, 28))
    employed_year = min(born.year + dice.between(21, 25), year - 2)
    employed_on = date(employed_year, dice.pick((8, 8, 9, 9, 9, 7, 3, 12)), dice.pick((1, 15, 20)))
    return born, employed_on, left_on


def _hired_on(dice: Dice, year: int, role: str) -> date:
    if role == "new_hire_edge":
        return first_short_day(year)
    if role == "timely_hire_edge":
        return first_short_day(year) - _ONE_DAY
    if role == "timely_hire":
        return date(year, dice.between(2, 4), 1)
    return dice.pick((date(year, 8, 20), date(year, 9, 1), date(year, 9, 1), date(year, 10, 15)))
