"""Schemas of cases: creation, reading, verbs."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from services.accountability.cases.models import CaseFields, RespondentFields
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.accountability.codes import DELIVERY_STATES, MEASURES
from services.chassis.schemas.fields import Input
from services.chassis.schemas.patch import patch_of
from services.chassis.schemas.strict_bodies import Body
from services.chassis.schemas.texts import one_line

CaseNo = Annotated[
    str,
    # Also the brackets around the year of a document's number (GB/T 9704-2012, 7.2.5).
    StringConstraints(strip_whitespace=True, pattern=r"^[\w.:〔〕（）()\[\]-]{1,32}$"),
    BeforeValidator(one_line),
]
MAX_RESPONDENTS = 200


class RespondentCreate(RespondentFields, Input):
    """A respondent to register (责任人)."""


class RespondentsCreate(Body):
    """Respondents to register (责任人)."""

    respondents: list[RespondentCreate] = Field(
        min_length=1, max_length=MAX_RESPONDENTS, description="Respondents to register (责任人)"
    )


class LeadRow(CaseFields, Input):
    """A lead as imported, identified by its number."""

    case_no: CaseNo = Field(
        title="案号", description="Case number, unique in the bureau", examples=["2025-001"]
    )


class CaseCreate(CaseFields, Input):
    """A new lead (线索)."""

    case_no: CaseNo | None = Field(
        default=None,
        title="案号",
        description="Unique in the bureau; by default the next `YYYY-NNN` of the year",
        examples=[None, "2025-011"],
    )
    respondents: list[RespondentCreate] = Field(
        default_factory=list,
        max_length=MAX_RESPONDENTS,
        description="Respondents known so far (责任人)",
    )


CasePatch = patch_of(CaseCreate, without=("case_no", "school_code", "respondents"))


class DirectiveRead(BaseModel):
    """The directive of an M4 measure (考核指令)."""

    directive_no: str = Field(
        description="Its number in both services", examples=["620123-2025-001.T000001"]
    )
    state: Annotated[str, DELIVERY_STATES] = Field(
        description="Code list `delivery-states`", examples=["delivered"]
    )
    attempts: int = Field(description="Times sent", examples=[1])
    detail: str | None = Field(
        description="Why it was refused or put off", examples=["考核年度尚未启动"]
    )
    delivered_at: datetime | None = Field(
        description="When the appraisal service accepted it", examples=["2025-11-20T09:00:00+08:00"]
    )


class RespondentRead(RespondentFields):
    """A respondent as read (责任人)."""

    name: str = Field(description="From the registry (姓名)", examples=["王小明"])
    school_code: str = Field(description="From the registry (学校标识码)", examples=["2162000001"])
    measure: Annotated[str, MEASURES] | None = Field(
        title="问责措施",
        description="Code list `measures`; in force from the decision on",
        examples=["M4"],
    )
    measure_reason: str | None = Field(
        description="Why this measure (理由)", examples=["情节较重，造成不良影响"]
    )
    directive: DirectiveRead | None = Field(
        description="Directive of measure M4, after the decision; otherwise null"
    )


class CaseRead(CaseFields):
    """A case as read (案件)."""

    id: UUID = Field(description="Opaque id", examples=["0190a8c0-0000-7000-8000-000000000001"])
    case_no: str = Field(description="Case number (案号)", examples=["2025-001"])
    state: Annotated[str, CASE_PROCEDURE.code_list] = Field(
        title="案件状态",
        description="Code list `case-states`",
        examples=["decided"],
    )
    school_name: str | None = Field(
        description="Name in the registry (学校名称)",
        examples=["示例县城关第一小学"],
    )
    measure: Annotated[str, MEASURES] | None = Field(
        title="最重措施",
        description="Most severe measure of all respondents",
        examples=["M4"],
    )
    opened_by: str | None = Field(
        description="Account that registered the case (登记人)",
        examples=["6f1c2d3e-0000-5000-8000-000000000001"],
    )
    opinion: str | None = Field(
        description="Preliminary opinion (初步意见)", examples=["建议予以问责"]
    )
    proposed_by: str | None = Field(
        description="Account that proposed the measures (提出人)",
        examples=["6f1c2d3e-0000-5000-8000-000000000001"],
    )
    returned_reason: str | None = Field(
        description="Why it went back (退回理由)", examples=["事实尚未查清"]
    )
    rejected_reason: str | None = Field(
        description="Why nothing follows (不予问责理由)", examples=["反映问题不实"]
    )
    decided_by: str | None = Field(
        description="Account that decided (决定人)",
        examples=["6f1c2d3e-0000-5000-8000-000000000001"],
    )
    decision_no: str | None = Field(
        description="Number of the decision (决定文号)", examples=["教问责〔2025〕3号"]
    )
    basis: str | None = Field(
        description="Legal basis of the decision (依据)", examples=["责任追究制度 第一类第3项"]
    )
    decided_on: date | None = Field(
        description="Day of the decision (决定日期)", examples=["2025-11-20"]
    )
    assessment_year: int | None = Field(
        description="Year whose appraisal M4 fixes (考核年度)", examples=[2025]
    )
    version: int = Field(description="Number of the current version", examples=[1])
    created_at: datetime = Field(
        description="When it was recorded", examples=["2025-11-20T09:00:00+08:00"]
    )
    updated_at: datetime = Field(
        description="When it was last changed", examples=["2025-11-20T09:00:00+08:00"]
    )
    text_versions: int = Field(
        description="Versions of its texts: 1 is as lodged (文本版本数)", examples=[1]
    )
    respondents: list[RespondentRead] = Field(description="Respondents (责任人)")


class TextVersionRead(CaseFields):
    """A version of the texts of a case (文本版本)."""

    text_version: int = Field(
        description="1 as lodged, then one more with each edit (文本版本)", examples=[1]
    )
    actor: str | None = Field(
        description="Account of the author (经办账号); null if no longer known",
        examples=["6f1c2d3e-0000-5000-8000-000000000001"],
    )
    actor_name: str | None = Field(
        description="Its login name then (账号名)", examples=["bureau-admin"]
    )
    at: datetime = Field(
        description="When, by the platform's clock (时间)", examples=["2025-11-20T09:00:00+08:00"]
    )


class EventRead(BaseModel):
    """An entry of a case's history (办理记录)."""

    entry: int = Field(description="1, 2, 3 … within the case (序号)", examples=[3])
    verb: str = Field(description="Step taken (办理步骤)", examples=["propose"])
    actor: str = Field(
        description="Account that performed the step (经办账号)",
        examples=["6f1c2d3e-0000-5000-8000-000000000001"],
    )
    actor_name: str = Field(description="Its login name then (账号名)", examples=["bureau-admin"])
    at: datetime = Field(
        description="When, by the platform's clock (时间)",
        examples=["2025-11-20T09:00:00+08:00"],
    )
    note: str | None = Field(description="Reason, opinion or note (说明)", examples=["责任清楚"])
    details: dict[str, Any] = Field(description="Values that were changed (变动)", examples=[{}])
