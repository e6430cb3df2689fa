"""What the appraisal service exports."""

from collections.abc import Sequence

from services.appraisal.calendar.router import CALENDAR_DAYS
from services.appraisal.corrections.queries import CORRECTIONS
from services.appraisal.cycles.queries import CYCLES, require_cycle
from services.appraisal.directives.queries import DIRECTIVES
from services.appraisal.facts.queries import FACTS
from services.appraisal.participants.queries import PARTICIPANTS
from services.appraisal.results.queries import PUBLICITY, SUMMARY, results_listing
from services.appraisal.rule_sets.queries import rule_sets_listing
from services.appraisal.scores.queries import SCORES
from services.chassis.exports.spec import Exportable
from services.chassis.lists.listing import Worded


def exportables() -> Sequence[Exportable]:
    """Every list; most belong to one cycle."""
    return (
        Exportable(rule_sets_listing, "rule_sets:read"),
        Exportable(CYCLES, "cycles:read"),
        _of_cycle(PARTICIPANTS, "participants:read", "cycle_id"),
        _of_cycle(FACTS, "facts:read", "f.cycle_id"),
        _of_cycle(SCORES, "scores:read", "s.cycle_id"),
        _of_cycle(results_listing, "results:read", "r.cycle_id"),
        _of_cycle(SUMMARY, "results:read", "cycle_id"),
        _of_cycle(PUBLICITY, "results:read", "r.cycle_id"),
        Exportable(DIRECTIVES, "directives:read"),
        Exportable(CORRECTIONS, "corrections:read"),
        Exportable(CALENDAR_DAYS, "calendar:read"),
    )


def _of_cycle(listing: Worded, scope: str, column: str) -> Exportable:
    return Exportable(listing, scope, {"cycle_id": column}, require_cycle)
