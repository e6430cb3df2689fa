"""What the appraisal service imports."""

from collections.abc import Sequence

from services.appraisal.facts.importing import FACT_IMPORT
from services.appraisal.scores.importing import SCORE_IMPORT
from services.chassis.imports.spec import ImportSpec


def import_specs() -> Sequence[ImportSpec]:
    """Every resource, in the order in which a year brings them."""
    return (FACT_IMPORT, SCORE_IMPORT)
