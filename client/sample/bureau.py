"""A bureau's whole sample from its schools and their staff numbers."""

from collections.abc import Sequence

from client.sample.case_templates import Template
from client.sample.cases import plan_cases
from client.sample.chance import Dice
from client.sample.facts import participation_facts
from client.sample.model import Bureau, Sample
from client.sample.scores import dimension_scores
from client.sample.shares import Shares
from client.sample.staff import Registry, Unit, hire_staff


def build_sample(
    dice: Dice,
    bureau: Bureau,
    units: Sequence[Unit],
    registry: Registry,
    shares: Shares,
    templates: Sequence[Template],
) -> Sample:
    """Hire the staff, let the year happen to them, and score them."""
    special = shares.next_bureau(sum(unit.staff for unit in units))
    people = hire_staff(dice, registry, units, special)
    facts = participation_facts(dice, registry.year, people, special)
    cases, stars = plan_cases(dice, registry.year, templates, units, people)
    return Sample(
        bureau=bureau,
        year=registry.year,
        schools=[unit.row for unit in units],
        staff=[person.row() for person in people],
        facts=facts,
        scores=dimension_scores(dice, people, stars),
        cases=cases,
    )
