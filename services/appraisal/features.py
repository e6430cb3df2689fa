"""The annual appraisal of staff: cycles, scores, determination and results (年度考核)."""

from pathlib import Path

from services.appraisal.base import METADATA
from services.appraisal.calendar import feature as calendar
from services.appraisal.corrections import feature as corrections
from services.appraisal.cycle_procedure import feature as cycle_procedure
from services.appraisal.cycles import feature as cycles
from services.appraisal.directive_intake import feature as directive_intake
from services.appraisal.directives import feature as directives
from services.appraisal.participants import feature as participants
from services.appraisal.participation_records import feature as participation_records
from services.appraisal.results import feature as results
from services.appraisal.rule_sets import feature as rule_sets
from services.appraisal.scores import feature as scores
from services.chassis.runtime.feature import Service

SERVICE = Service(
    name="appraisal",
    title="Junheng appraisal",
    metadata=METADATA,
    features=(
        rule_sets.FEATURE,
        cycle_procedure.FEATURE,
        cycles.FEATURE,
        participants.FEATURE,
        participation_records.FEATURE,
        scores.FEATURE,
        results.FEATURE,
        directive_intake.FEATURE,
        directives.FEATURE,
        corrections.FEATURE,
        calendar.FEATURE,
    ),
    folder=Path(__file__).parent,
)
