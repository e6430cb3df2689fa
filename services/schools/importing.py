"""What the school registry imports."""

from collections.abc import Sequence

from services.chassis.imports.spec import ImportSpec
from services.schools.assignments.importing import ASSIGNMENT_IMPORT
from services.schools.schools.importing import SCHOOL_IMPORT
from services.schools.staff.identity import read_key_ring
from services.schools.staff.importing import staff_import


def import_specs() -> Sequence[ImportSpec]:
    """Every resource, in the order in which a county sends them."""
    return (SCHOOL_IMPORT, staff_import(read_key_ring()), ASSIGNMENT_IMPORT)
