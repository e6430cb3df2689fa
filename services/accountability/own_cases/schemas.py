"""A respondent's view of a case: the notice of facts, the defence, the decision."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.accountability.cases.schemas import DirectiveRead
from services.accountability.codes import MEASURES, RESPONSIBILITIES, TRIGGERS
from services.accountability.own_cases.states import OWN_CASE_PROCEDURE
from services.chassis.schemas.fields import ProseText
from services.chassis.schemas.strict_bodies import Body


class DefenceCreate(Body):
    """A respondent's statement in defence (陈述申辩)."""

    statement: ProseText = Field(
        max_length=10_000,
        description="The respondent's statement on the facts (陈述申辩内容)",
        examples=["台账由前任移交，缺口已于三月报告。"],
    )


class DefenceRead(BaseModel):
    """A submitted statement in defence (陈述申辩)."""

    at: datetime = Field(description="When (时间)", examples=["2025-11-18T09:00:00+08:00"])
    statement: str = Field(
        description="In the respondent's words (内容)", examples=["缺口已于三月报告。"]
    )


class OwnCaseRead(BaseModel):
    """A case as visible to its respondent (本人案件)."""

    id: UUID = Field(
        description="Opaque id of the respondent's part of the case",
        examples=["0190a8c0-0000-7000-8000-000000000001"],
    )
    case_no: str = Field(description="Case number (案号)", examples=["2025-001"])
    title: str = Field(description="What the case is about (案由)", examples=["环境脏乱"])
    facts: str = Field(description="What was found (事实)", examples=["校园垃圾无人清理。"])
    trigger: Annotated[str, TRIGGERS] = Field(
        title="问责情形", description="Code list `triggers`", examples=["T2-5"]
    )
    school_code: str = Field(
        description="The school the matter belongs to (学校标识码)", examples=["2162000001"]
    )
    school_name: str | None = Field(
        description="Name in the registry (学校名称)", examples=["示例县城关第一小学"]
    )
    found_on: date = Field(description="When it was found (发现日期)", examples=["2025-04-09"])
    state: Annotated[str, OWN_CASE_PROCEDURE.code_list] = Field(
        title="案件状态", description="Code list `own-case-states`", examples=["notified"]
    )
    notified_at: datetime = Field(
        description="Time of the notice to the respondent (告知时间)",
        examples=["2025-11-17T09:00:00+08:00"],
    )
    responsibility: Annotated[str, RESPONSIBILITIES] = Field(
        title="责任类型", description="Code list `responsibilities`", examples=["direct"]
    )
    measure: Annotated[str, MEASURES] | None = Field(
        title="问责措施",
        description="Proposed measure until the decision, then the measure in force",
        examples=["M2"],
    )
    measure_reason: str | None = Field(
        description="Why this measure (理由)", examples=["情节较重，造成不良影响"]
    )
    decision_no: str | None = Field(
        description="Number of the decision (决定文号)", examples=["教问责〔2025〕3号"]
    )
    basis: str | None = Field(
        description="Legal basis of the decision (依据)", examples=["责任追究制度 第二类第5项"]
    )
    decided_on: date | None = Field(
        description="Day of the decision (决定日期)", examples=["2025-11-20"]
    )
    assessment_year: int | None = Field(
        description="Year whose appraisal M4 fixes (考核年度)", examples=[2025]
    )
    directive: DirectiveRead | None = Field(
        description="Directive of measure M4 after the decision, otherwise null (考核指令)"
    )
    defences: list[DefenceRead] = Field(
        description="The respondent's statements, oldest first (陈述申辩)"
    )
