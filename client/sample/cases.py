"""Cases played on real schools and people of a bureau."""

from collections.abc import Callable, Sequence
from datetime import date

from client.sample.case_templates import Part, Template
from client.sample.chance import Dice
from client.sample.model import CasePlan, Respondent
from client.sample.posts import HEAD
from client.sample.staff import Person, Unit

# A best of the school shows only where the school has places for an excellent result at all.
_STAFF_FOR_STAR = 20
_STAFF_FOR_CASE = 6


def plan_cases(
    dice: Dice,
    year: int,
    templates: Sequence[Template],
    units: Sequence[Unit],
    people: Sequence[Person],
) -> tuple[list[CasePlan], set[str]]:
    """The cases, and the staff numbers of those who must otherwise be best of their school.

    Nobody appears twice, and nobody with a special year appears at all, so that a measure never
    meets a reason for not being graded. A case that no school can fill is left out.
    """
    by_school: dict[str, list[Person]] = {unit.code: [] for unit in units}
    for person in people:
        if person.role is None:
            by_school[person.school_code].append(person)
    schools = dice.shuffled(unit for unit in units if unit.staff >= _STAFF_FOR_CASE)
    plans: list[CasePlan] = []
    stars: set[str] = set()
    for template in templates:
        found = _find_school(template, schools, by_school)
        if found is None:
            continue
        unit, cast = found
        # The next case looks at the other schools first.
        schools.remove(unit)
        schools.append(unit)
        for part, person in zip(template.parts, cast, strict=True):
            by_school[unit.code].remove(person)
            if part.is_star:
                stars.add(person.staff_no)
        plans.append(_plan(f"{year}-{len(plans) + 1:03d}", year, template, unit, cast))
    return plans, stars


def _find_school(
    template: Template, schools: Sequence[Unit], by_school: dict[str, list[Person]]
) -> tuple[Unit, list[Person]] | None:
    wants_star = any(part.is_star for part in template.parts)
    by_size = sorted(schools, key=lambda unit: wants_star and unit.staff < _STAFF_FOR_STAR)
    # First schools whose posts fit the case exactly, then any that have enough people.
    for holds in (_holds_duty, _may_stand_in):
        for unit in by_size:
            cast = _cast(template.parts, by_school[unit.code], holds)
            if cast is not None:
                return unit, cast
    return None


def _cast(
    parts: Sequence[Part], present: Sequence[Person], holds: Callable[[Person, Part], bool]
) -> list[Person] | None:
    cast: list[Person] = []
    for part in parts:
        person = next((one for one in present if one not in cast and holds(one, part)), None)
        if person is None:
            return None
        cast.append(person)
    return cast


def _holds_duty(person: Person, part: Part) -> bool:
    return person.duty == part.duty


def _may_stand_in(person: Person, part: Part) -> bool:
    """Whoever answers for a matter in a small school: not the head for a direct part."""
    return person.duty != "工勤" and (part.responsibility == "first" or person.duty != HEAD)


def _plan(
    case_no: str, year: int, template: Template, unit: Unit, cast: Sequence[Person]
) -> CasePlan:
    return CasePlan(
        case_no=case_no,
        title=template.title,
        facts=template.facts.format(school=unit.row["name"]),
        school_code=unit.code,
        trigger=template.trigger,
        source=template.source,
        found_on=date(year, *template.found).isoformat(),
        respondents=[
            Respondent(person.staff_no, part.responsibility, part.measure)
            for part, person in zip(template.parts, cast, strict=True)
        ],
        outcome=template.outcome,
        moment=template.moment,
    )
