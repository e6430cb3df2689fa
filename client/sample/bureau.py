"""Builds the complete sample of a bureau from its schools and their numbers of staff."""

from collections.abc import Sequence

from client.sample.case_templates import CaseTemplate
from client.sample.cases import plan_cases
from client.sample.facts import participation_facts
from client.sample.model import Bureau, Sample
from client.sample.randomness import SeededRandom
from client.sample.scores import dimension_scores
from client.sample.shares import Shares
from client.sample.staff import Registry, Unit, hire_staff


def build_sample(
    rng: SeededRandom,
    bureau: Bureau,
    units: Sequence[Unit],
    registry: Registry,
    shares: Shares,
    templates: Sequence[CaseTemplate],
) -> Sample:
    """Generate staff, facts, cases and scores of one year."""
    special = shares.next_bureau(sum(unit.staff for unit in units))
    people = hire_staff(rng, registry, units, special)
    facts = participation_facts(rng, registry.year, people, special)
    cases, top_scorers = plan_cases(rng, registry.year, templates, units, people)
    return Sample(
        bureau=bureau,
        year=registry.year,
        schools=[unit.row for unit in units],
        staff=[person.row() for person in people],
        facts=facts,
        scores=dimension_scores(rng, people, top_scorers),
        cases=cases,
    )
