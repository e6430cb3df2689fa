"""What the school registry exports."""

from collections.abc import Sequence

from services.chassis.exports.spec import Exportable
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.bureaus.queries import BUREAUS
from services.schools.id_number_reports.queries import REPORTS
from services.schools.schools.queries import SCHOOLS
from services.schools.staff.queries import STAFF


def exportables() -> Sequence[Exportable]:
    """Every list."""
    return (
        Exportable(BUREAUS, "bureaus:read"),
        Exportable(SCHOOLS, "schools:read"),
        Exportable(STAFF, "staff:read"),
        Exportable(ASSIGNMENTS, "staff:read"),
        Exportable(REPORTS, "staff:pii"),
    )
