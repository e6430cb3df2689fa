"""Respondents' data in decided cases, for a person's copy of their data.

Undecided cases are left out: a copy may be refused where it would hinder the authority in its duty
(个人信息保护法 art 18, 35, 45).
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.accountability.cases.models import RespondentFields
from services.accountability.cases.transitions import CASE_PROCEDURE, IN_FORCE
from services.accountability.codes import MEASURES, TRIGGERS
from services.chassis.database.auth import Caller
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU, Condition, Narrowing
from services.chassis.lists.row_scopes import RowScope
from services.chassis.subject_access.holdings import Holding


class RespondentCopy(RespondentFields):
    """A respondent in a decided case (责任人及处理)."""

    id: UUID = Field(description="Opaque id")
    name: str = Field(description="As in the case (姓名)", examples=["王小明"])
    school_code: str = Field(description="As in the case (学校标识码)", examples=["2162000001"])
    measure: Annotated[str, MEASURES] | None = Field(
        title="问责措施", description="Measure decided; null before the decision (问责措施)"
    )
    measure_reason: str | None = Field(
        description="Why this measure (理由)", examples=["情节较重，造成不良影响"]
    )
    case_no: str = Field(description="Case number (案号)", examples=["2025-011"])
    title: str = Field(description="What the case is about (案由)", examples=["违规收受礼品"])
    trigger: Annotated[str, TRIGGERS] = Field(
        title="问责情形", description="What the case is based on (问责情形)"
    )
    state: Annotated[str, CASE_PROCEDURE.code_list] = Field(
        title="案件状态", description="State of the case (案件状态)"
    )
    found_on: date = Field(description="When it was found (发现日期)")
    decision_no: str | None = Field(
        description="Number of the decision (决定文号)", examples=["教问决〔2025〕11号"]
    )
    basis: str | None = Field(
        description="Legal basis (依据)", examples=["《中小学教师违反职业道德行为处理办法》第四条"]
    )
    decided_on: date | None = Field(description="Day of the decision (决定日期)")
    assessment_year: int | None = Field(
        description="Year whose appraisal M4 fixes (考核年度)", examples=[2025]
    )


def _decided(_caller: Caller, _row: str) -> list[Condition]:
    return [Condition("c.state = any({})", (sorted(IN_FORCE),))]


# The registry asks, for the person; read as the service itself.
_HELD = RowScope("respondent", {"bureau": WHOLE_BUREAU}, Narrowing(_decided))

_RESPONDENTS = Listing(
    "respondents",
    RespondentCopy,
    "respondent r join case_file c on c.id = r.case_id",
    _HELD.under("r"),
    sorts=("case_no",),
    sql={"id": "r.id", "school_code": "r.school_code"},
    key="r.id",
)

RESPONDENTS = Holding("respondents", _RESPONDENTS, "r.staff_no = {}")
