"""Builds the complete sample of a bureau from its schools and their numbers of staff."""

from collections.abc import Sequence

from client.sample.case_templates import CaseTemplate
from client.sample.cases import plan_cases
from client.sample.model import Bureau, Sample
from client.sample.participation_records import participation_records
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
    """Generate staff, participation records, cases and scores of one year."""
    special = shares.next_bureau(sum(unit.staff for unit in units))
    people = hire_staff(rng, registry, units, special)
    records = participation_records(rng, registry.year, people, special)
    cases, top_scorers = plan_cases(rng, registry.year, templates, units, people)
    return Sample(
        bureau=bureau,
        year=registry.year,
        schools=[unit.row for unit in units],
        staff=[person.row() for person in people],
        participation_records=records,
        scores=dimension_scores(rng, people, top_scorers),
        cases=cases,
    )
