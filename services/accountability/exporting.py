"""What the accountability service exports."""

from collections.abc import Sequence

from services.accountability.cases.queries import CASES, EVENTS, TEXT_VERSIONS, require_case
from services.accountability.own_cases.queries import OWN_CASES
from services.chassis.exports.spec import Exportable


def exportables() -> Sequence[Exportable]:
    """Every list."""
    return (
        Exportable(CASES, "cases:read"),
        Exportable(EVENTS, "cases:read", {"case_id": "case_id"}, require_case),
        Exportable(TEXT_VERSIONS, "cases:read", {"case_id": "case_id"}, require_case),
        Exportable(OWN_CASES, "own_cases:read"),
    )
