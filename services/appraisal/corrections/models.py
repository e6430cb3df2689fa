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

    staff_no: str = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    from_result: str = Field(
        title="原结果",
        schema_extra={"examples": ["qualified"]},
        description="Result before the correction (原结果)",
    )
    to_result: str = Field(
        title="更正为",
        schema_extra={"examples": ["unqualified"]},
        description="Result after the correction (更正为)",
    )
    state: Annotated[str, CORRECTION_PROCEDURE.code_list] = Field(
        default="open",
        title="状态",
        schema_extra={"examples": ["open"]},
        description="State of the correction (状态)",
    )
    decided_by: str | None = Field(
        default=None,
        title="决定人",
        description="Who applied or dismissed the correction (决定人)",
        schema_extra={"examples": ["李主任"]},
    )
    decided_at: datetime | None = Field(
        default=None,
        title="决定时间",
        sa_type=DateTime(timezone=True),
        description="When the correction was applied or dismissed (决定时间)",
    )
    dismissed_reason: str | None = Field(
        default=None,
        title="不予更正的理由",
        description="Why the correction was dismissed (不予更正的理由)",
        schema_extra={"examples": ["处分决定已撤销"]},
    )


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
    cycle_id: UUID = Field(description="Cycle of the result (考核年度标识)")
    year: int = Field(
        title="考核年度",
        schema_extra={"examples": [2025]},
        description="Year of the appraisal (考核年度)",
    )
    name: str = Field(
        title="姓名", description="Name of the person (姓名)", schema_extra={"examples": ["王小明"]}
    )
    school_code: str = Field(
        title="学校标识码",
        description="Code of the person's school (学校标识码)",
        schema_extra={"examples": ["2162000001"]},
    )
    case_no: str = Field(
        title="案件编号",
        schema_extra={"examples": ["2025-011"]},
        description="Number of the accountability case (案件编号)",
    )
    measure: str = Field(
        title="问责方式",
        schema_extra={"examples": ["M4"]},
        description="Measure of the decision (问责方式)",
    )
    basis: str = Field(
        title="依据",
        description="Legal basis of the decision (依据)",
        schema_extra={"examples": ["《中小学教师违反职业道德行为处理办法》第四条"]},
    )
    from_result: Annotated[str, RESULTS] = Field(
        title="原结果",
        description="Result before the correction (原结果)",
        schema_extra={"examples": ["qualified"]},
    )
    to_result: Annotated[str, RESULTS] = Field(
        title="更正为",
        description="Result after the correction (更正为)",
        schema_extra={"examples": ["unqualified"]},
    )
    created_at: datetime


class Dismissal(Input):
    """The reason for dismissing a correction (不予更正)."""

    reason: ProseText = Field(
        max_length=500,
        title="理由",
        schema_extra={"examples": ["决定已被复核撤销"]},
        description="Why the correction is dismissed (理由)",
    )
