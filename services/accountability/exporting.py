"""What the accountability service exports."""

from collections.abc import Sequence

from services.accountability.cases.queries import CASES, EVENTS, require_case
from services.chassis.exports.spec import Exportable


def exportables() -> Sequence[Exportable]:
    """Every list."""
    return (
        Exportable(CASES, "cases:read"),
        Exportable(EVENTS, "cases:read", {"case_id": "case_id"}, require_case),
    )
