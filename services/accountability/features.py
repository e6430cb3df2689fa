"""Accountability: cases from lead to close, and directives to the appraisal service (问责)."""

from pathlib import Path

from services.accountability.base import METADATA
from services.accountability.case_procedure import feature as case_procedure
from services.accountability.cases import feature as cases
from services.accountability.directives import feature as directives
from services.accountability.own_cases import feature as own_cases
from services.chassis.runtime.feature import Service
from services.chassis.subject_access.holdings import SubjectAccess

SERVICE = Service(
    name="accountability",
    title="Junheng accountability",
    metadata=METADATA,
    features=(
        cases.FEATURE,
        case_procedure.FEATURE,
        directives.FEATURE,
        own_cases.FEATURE,
    ),
    # The account that registered a respondent may have reported them.
    subject_access=SubjectAccess(names_actors=False),
    folder=Path(__file__).parent,
)
