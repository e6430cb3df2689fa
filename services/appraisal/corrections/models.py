"""Tables and schemas of corrections (更正): changes of confirmed results."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.codes import RESULTS
from services.appraisal.corrections.states import CORRECTION_PROCEDURE
from services.chassis.schemas.fields import Input, ProseText


class CorrectionFields(SQLModel):
    """The proposed change of a correction and its basis."""

    staff_no: str = Field(title="工号", schema_extra={"examples": ["T000001"]})
    from_result: str = Field(title="原结果", schema_extra={"examples": ["qualified"]})
    to_result: str = Field(title="更正为", schema_extra={"examples": ["unqualified"]})
    state: Annotated[str, CORRECTION_PROCEDURE.code_list] = Field(
        default="open", title="状态", schema_extra={"examples": ["open"]}
    )
    decided_by: str | None = Field(default=None, title="决定人")
    decided_at: datetime | None = Field(
        default=None,
        title="决定时间",
        sa_type=DateTime(timezone=True),
    )
    dismissed_reason: str | None = Field(default=None, title="不予更正的理由")


class Correction(CorrectionFields, Table, table=True):
    """A proposed change of a confirmed result."""

    __table_args__ = (
        UniqueConstraint("directive_id"),
        Index(None, "bureau_code", "cycle_id", "state"),
    )

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")
    directive_id: UUID = Field(foreign_key="appraisal.directive.id")
    state: str = "open"


class CorrectionRead(CorrectionFields):
    """A correction as read."""

    id: UUID = Field(description="Opaque id")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    cycle_id: UUID = Field(description="Cycle of the result")
    year: int = Field(title="考核年度", schema_extra={"examples": [2025]})
    name: str = Field(title="姓名")
    school_code: str = Field(title="学校标识码")
    case_no: str = Field(title="案件编号", schema_extra={"examples": ["2025-011"]})
    measure: str = Field(title="问责方式", schema_extra={"examples": ["M4"]})
    basis: str = Field(title="依据")
    from_result: Annotated[str, RESULTS] = Field(title="原结果")
    to_result: Annotated[str, RESULTS] = Field(title="更正为")
    created_at: datetime


class Dismissal(Input):
    """The reason for dismissing a correction (不予更正)."""

    reason: ProseText = Field(
        max_length=500, title="理由", schema_extra={"examples": ["决定已被复核撤销"]}
    )
