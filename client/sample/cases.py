"""Assigns case templates to schools and people of a bureau."""

from collections.abc import Callable, Sequence
from datetime import date

from client.sample.case_templates import CaseTemplate, Role
from client.sample.model import CasePlan, Respondent
from client.sample.posts import HEAD
from client.sample.randomness import SeededRandom
from client.sample.staff import Person, Unit

# Smallest school in which a top scorer gets an excellent result.
_STAFF_FOR_TOP_SCORER = 20
_STAFF_FOR_CASE = 6


def plan_cases(
    rng: SeededRandom,
    year: int,
    templates: Sequence[CaseTemplate],
    units: Sequence[Unit],
    people: Sequence[Person],
) -> tuple[list[CasePlan], set[str]]:
    """The cases, and the staff numbers of the respondents who need the best scores.

    Nobody is a respondent twice, and nobody with a scenario of their own is one at all, so that
    measures never coincide with a reason for not being graded. A case for which no school has
    enough people is left out.
    """
    by_school: dict[str, list[Person]] = {unit.code: [] for unit in units}
    for person in people:
        if person.scenario is None:
            by_school[person.school_code].append(person)
    schools = rng.shuffled(unit for unit in units if unit.staff >= _STAFF_FOR_CASE)
    plans: list[CasePlan] = []
    top_scorers: set[str] = set()
    for template in templates:
        found = _find_school(template, schools, by_school)
        if found is None:
            continue
        unit, chosen = found
        # Move the school to the end, so that the next case prefers another one.
        schools.remove(unit)
        schools.append(unit)
        for role, person in zip(template.roles, chosen, strict=True):
            by_school[unit.code].remove(person)
            if role.is_top_scorer:
                top_scorers.add(person.staff_no)
        plans.append(_plan(f"{year}-{len(plans) + 1:03d}", year, template, unit, chosen))
    return plans, top_scorers


def _find_school(
    template: CaseTemplate, schools: Sequence[Unit], by_school: dict[str, list[Person]]
) -> tuple[Unit, list[Person]] | None:
    wants_top_scorer = any(role.is_top_scorer for role in template.roles)
    by_size = sorted(
        schools, key=lambda unit: wants_top_scorer and unit.staff < _STAFF_FOR_TOP_SCORER
    )
    # Prefer schools in which the duties match exactly over those with stand-ins.
    for holds in (_holds_duty, _may_stand_in):
        for unit in by_size:
            chosen = _choose_people(template.roles, by_school[unit.code], holds)
            if chosen is not None:
                return unit, chosen
    return None


def _choose_people(
    roles: Sequence[Role], present: Sequence[Person], holds: Callable[[Person, Role], bool]
) -> list[Person] | None:
    chosen: list[Person] = []
    for role in roles:
        person = next((one for one in present if one not in chosen and holds(one, role)), None)
        if person is None:
            return None
        chosen.append(person)
    return chosen


def _holds_duty(person: Person, role: Role) -> bool:
    return person.duty == role.duty


def _may_stand_in(person: Person, role: Role) -> bool:
    """Whether the person may fill the role where nobody has its duty.

    Workers never do, and the head only as the person first responsible.
    """
    return person.duty != "工勤" and (role.responsibility == "first" or person.duty != HEAD)


def _plan(
    case_no: str, year: int, template: CaseTemplate, unit: Unit, chosen: Sequence[Person]
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
            Respondent(person.staff_no, role.responsibility, role.measure)
            for role, person in zip(template.roles, chosen, strict=True)
        ],
        outcome=template.outcome,
        moment=template.moment,
    )
