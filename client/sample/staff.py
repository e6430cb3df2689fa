"""The staff of a bureau, with school, post and dates of employment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from client.sample.id_numbers import IdNumbers
from client.sample.model import Row
from client.sample.names import person_name
from client.sample.posts import duties_for, post_for
from client.sample.randomness import SeededRandom, WeightedChoice

_ONE_DAY = timedelta(days=1)
_EXPERIENCED = frozenset({"校长", "副校长", "教导主任", "总务主任", "教研组长"})
_EMPLOYMENT_SCENARIOS = ("leaver", "new_hire", "new_hire_edge", "timely_hire", "timely_hire_edge")


@dataclass(slots=True)
class Unit:
    """The import row of a school, and its number of staff."""

    row: Row
    staff: int

    @property
    def code(self) -> str:
        """The school's identifier code."""
        return str(self.row["school_code"])


@dataclass(slots=True)
class Person:
    """A member of staff, with the scenario of the year if there is one."""

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
    scenario: str | None

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
    """Context of hiring: year, home counties of the staff, and issued ID numbers."""

    year: int
    areas: WeightedChoice[str]
    id_numbers: IdNumbers


def hire_staff(
    rng: SeededRandom, registry: Registry, units: Sequence[Unit], shares: dict[str, int]
) -> list[Person]:
    """Fill every post of every school, in the order of the schools, the head first."""
    posts = [
        (unit, duty)
        for unit in units
        for duty in duties_for(unit.staff, is_primary=unit.row["school_type"] in {"211", "218"})
    ]
    scenarios = _employment_scenarios(rng, [duty for _, duty in posts], shares)
    return [
        _hire(rng, registry, number, unit, duty, scenarios.get(number))
        for number, (unit, duty) in enumerate(posts, start=1)
    ]


def first_short_day(year: int) -> date:
    """The first day on which a new hire serves less than half of the year."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return date(year, 12, 31) - ((days - 1) // 2 - 1) * _ONE_DAY


def _employment_scenarios(
    rng: SeededRandom, duties: list[str], shares: dict[str, int]
) -> dict[int, str]:
    """Scenarios of joining or leaving by position, only for teachers without further duties."""
    pool = rng.shuffled(number for number, duty in enumerate(duties, start=1) if duty == "教师")
    scenarios: dict[int, str] = {}
    for scenario in _EMPLOYMENT_SCENARIOS:
        for _ in range(min(shares[scenario], len(pool))):
            scenarios[pool.pop()] = scenario
    return scenarios


def _hire(
    rng: SeededRandom, registry: Registry, number: int, unit: Unit, duty: str, scenario: str | None
) -> Person:
    is_female = rng.happens(0.3 if duty in {"工勤", "校长", "总务主任"} else 0.62)
    youngest = 32 if duty in _EXPERIENCED else 24
    born, employed_on, left_on = _life(rng, registry.year, scenario, youngest, is_female=is_female)
    area = registry.areas.pick(rng)
    id_number, born = registry.id_numbers.take(area, born, is_female=is_female)
    served = registry.year - employed_on.year
    category, level, title = post_for(rng, duty, unit.staff, served)
    return Person(
        staff_no=f"T{number:06d}",
        name=person_name(rng, is_female=is_female, birth_year=born.year),
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
        scenario=scenario,
    )


def _life(
    rng: SeededRandom, year: int, scenario: str | None, youngest: int, *, is_female: bool
) -> tuple[date, date, date | None]:
    """Dates of birth, employment and, for leavers, departure."""
    if scenario is not None and scenario != "leaver":
        born = date(year - rng.between(22, 27), rng.between(1, 12), rng.between(1, 28))
        return born, _hired_on(rng, year, scenario), None
    retires_at = 55 if is_female else 60
    # The mean of two draws makes most people middle-aged.
    age = youngest + int((rng.unit() + rng.unit()) / 2 * (retires_at - 1 - youngest))
    month = rng.between(1, 12)
    left_on = None
    if scenario == "leaver":
        left_on = date(year, rng.between(2, 11), rng.between(1, 28))
        if rng.happens(0.6):
            age, month = retires_at, left_on.month - 1
    born = date(year - age, month, rng.between(1, 28))
    employed_year = min(born.year + rng.between(21, 25), year - 2)
    employed_on = date(employed_year, rng.pick((8, 8, 9, 9, 9, 7, 3, 12)), rng.pick((1, 15, 20)))
    return born, employed_on, left_on


def _hired_on(rng: SeededRandom, year: int, scenario: str) -> date:
    if scenario == "new_hire_edge":
        return first_short_day(year)
    if scenario == "timely_hire_edge":
        return first_short_day(year) - _ONE_DAY
    if scenario == "timely_hire":
        return date(year, rng.between(2, 4), 1)
    return rng.pick((date(year, 8, 20), date(year, 9, 1), date(year, 9, 1), date(year, 10, 15)))
