"""Directives that followed from decided cases, for a person's copy of their data."""

from uuid import UUID

from pydantic import Field

from services.accountability.cases.rows import WORKERS, rows_of_case
from services.accountability.cases.schemas import DirectiveRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import of_person
from services.chassis.subject_access.holdings import Holding


class DirectiveCopy(DirectiveRead):
    """The directive to the appraisal that followed from it (考核指令)."""

    id: UUID = Field(description="Opaque id")
    staff_no: str = Field(description="Of the respondent (工号)", examples=["T000001"])
    year: int = Field(description="Year whose appraisal it fixes (考核年度)", examples=[2025])


DELIVERY_ROWS = rows_of_case("directive_delivery", of_person())

_DIRECTIVES = Listing(
    "directives",
    DirectiveCopy,
    "directive_delivery",
    DELIVERY_ROWS.only(*WORKERS),
    sorts=("directive_no",),
)

# Decisions make them: there are none of an undecided case.
DIRECTIVES = Holding("directives", _DIRECTIVES)
