"""Tables of cases (案件): the case, its respondents, its history, its numbers."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.accountability.base import Table
from services.accountability.codes import MEASURES, RESPONSIBILITIES, SOURCES, TRIGGERS
from services.chassis.core.text import Text as Words
from services.chassis.schemas.days import PastDay
from services.chassis.schemas.fields import Day, LineText, ProseText, SchoolCode, StaffNo

_NO_TEXTS = {"server_default": text("'{}'")}
FOUND_IN_TIME = PastDay(
    "found_on",
    "found_on.after_today",
    Words(
        "发现日期 {value} 晚于今天（{today}），请核对年份",
        "The day of discovery, {value}, is after today ({today}). Check the year",
    ),
)


class CaseFields(SQLModel):
    """Fields of a lead."""

    title: LineText = Field(
        title="案由",
        description="Subject of the case",
        max_length=200,
        schema_extra={"examples": ["迎检期间隐瞒仪器设备缺口"]},
    )
    facts: ProseText = Field(
        title="事实",
        description="Facts found or reported",
        max_length=10_000,
        schema_extra={"examples": ["联合检查核对台账，实验仪器缺口未如实上报。"]},
    )
    trigger: Annotated[str, TRIGGERS] = Field(
        title="问责情形",
        description="Code list `triggers`, code or label",
        schema_extra={"examples": ["T1-3"]},
    )
    source: Annotated[str, SOURCES] = Field(
        title="线索来源",
        description="Code list `sources`, code or label",
        schema_extra={"examples": ["joint_inspection"]},
    )
    school_code: SchoolCode = Field(
        title="学校标识码",
        description="School concerned",
        schema_extra={"examples": ["2162000001"]},
    )
    found_on: Day = Field(
        title="发现日期",
        description="Day of discovery; its year is the default assessment year",
        schema_extra={"examples": ["2025-04-09"]},
    )


class Case(CaseFields, Table, table=True):
    """An accountability case of a bureau.

    Attributes:
        named: everybody who was ever named in it, also those who were taken off; kept by a trigger.
        named_schools: the schools at which they worked when they were named.
        proposer_staff_no: the person behind `proposed_by`, who may have other accounts.
    """

    __tablename__ = "case_file"  # `case` is an SQL keyword
    __table_args__ = (
        UniqueConstraint("bureau_code", "case_no"),
        Index(None, "bureau_code", "created_at", "id"),
        Index(None, "bureau_code", "found_on", "id"),
        Index(None, "bureau_code", "school_code", "case_no"),
    )

    bureau_code: str
    case_no: str
    school_name: str | None = None
    state: str = Field(default="lead", sa_column_kwargs={"server_default": "lead"})
    opened_by: str | None = None
    opinion: str | None = None
    proposed_by: str | None = None
    proposer_staff_no: str | None = None
    returned_reason: str | None = None
    rejected_reason: str | None = None
    decided_by: str | None = None
    decision_no: str | None = None
    basis: str | None = None
    decided_on: date | None = None
    assessment_year: int | None = None
    named: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs=_NO_TEXTS)
    named_schools: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs=_NO_TEXTS)


class RespondentFields(SQLModel):
    """Common fields of a respondent."""

    staff_no: StaffNo = Field(
        title="工号",
        description="Staff number in the school registry",
        schema_extra={"examples": ["T000001"]},
    )
    responsibility: Annotated[str, RESPONSIBILITIES] = Field(
        title="责任类型",
        description="Code list `responsibilities`, code or label",
        schema_extra={"examples": ["direct"]},
    )


class Respondent(RespondentFields, Table, table=True):
    """A respondent, with the registry's data at the time of registration.

    Attributes:
        works_at: the schools of the personnel relation and of the assignments then.
        notified_at: time of the notice of facts, or of the decision if that came first.
    """

    __table_args__ = (
        UniqueConstraint("case_id", "staff_no"),
        Index(None, "bureau_code", "staff_no"),
    )

    bureau_code: str
    case_id: UUID = Field(foreign_key="accountability.case_file.id")
    name: str
    school_code: str
    measure: Annotated[str, MEASURES] | None = None
    measure_reason: str | None = None
    works_at: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs=_NO_TEXTS)
    notified_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class CaseEvent(Table, table=True):
    """An entry of a case's history; a trigger prevents changes."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "entry"),)

    bureau_code: str
    case_id: UUID = Field(foreign_key="accountability.case_file.id")
    entry: int
    verb: str
    actor: str
    actor_name: str
    at: datetime = Field(sa_type=DateTime(timezone=True))
    note: str | None = None
    details: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )


class CaseText(CaseFields, Table, table=True):
    """A version of the texts of a case; written by a trigger, never changed.

    Attributes:
        text_version: 1 as lodged, then one more with each edit.
    """

    __tablename__ = "case_text"
    __table_args__ = (UniqueConstraint("case_id", "text_version"),)

    bureau_code: str
    case_id: UUID = Field(foreign_key="accountability.case_file.id")
    text_version: int
    actor: str | None = None
    actor_name: str | None = None
    at: datetime = Field(sa_type=DateTime(timezone=True))


class CaseCounter(Table, table=True):
    """The last case number of a bureau and year; its row lock serialises assignments."""

    __tablename__ = "case_counter"
    __table_args__ = (UniqueConstraint("bureau_code", "year"),)

    bureau_code: str
    year: int
    last: int
