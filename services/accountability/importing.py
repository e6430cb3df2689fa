"""What the accountability service imports."""

from collections.abc import Sequence

from services.accountability.cases.importing import LEAD_IMPORT
from services.chassis.imports.spec import ImportSpec


def import_specs() -> Sequence[ImportSpec]:
    """Every resource."""
    return (LEAD_IMPORT,)
