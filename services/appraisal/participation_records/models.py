"""Tables and schemas of participation records (参加考核情况)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.codes import PARTICIPATION_RECORD_KINDS
from services.chassis.core.text import Text
from services.chassis.schemas.days import ENDS_AFTER_START, within
from services.chassis.schemas.fields import Day, Input, ProseText, Rule, SchoolCode, StaffNo
from services.chassis.schemas.validation import invalid_value


class ParticipationRecordFields(SQLModel):
    """A record that affects whether a person is graded, and by which school."""

    staff_no: StaffNo = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    kind: Annotated[str, PARTICIPATION_RECORD_KINDS] = Field(
        title="类别",
        description="Code list `participation-record-kinds`, code or label",
        schema_extra={"examples": ["sick_leave"]},
    )
    starts_on: Annotated[Day, within(10)] = Field(
        title="开始日期", description="First day", schema_extra={"examples": ["2025-02-01"]}
    )
    ends_on: Annotated[Day, within(10)] = Field(
        title="结束日期",
        description="Last day, inclusive; may be outside the period",
        schema_extra={"examples": ["2025-09-30"]},
    )
    host_school_code: SchoolCode | None = Field(
        default=None,
        title="借调学校标识码",
        description="Host school of a secondment",
        schema_extra={"examples": [None, "2162000002"]},
    )
    note: ProseText | None = Field(
        default=None,
        title="说明",
        max_length=200,
        schema_extra={"examples": [None, "已核对请假单"]},
        description="Remark (说明)",
    )


class ParticipationRecord(ParticipationRecordFields, Table, table=True):
    """One record of one participant."""

    __tablename__ = "participation_record"
    __table_args__ = (
        UniqueConstraint(
            *("bureau_code", "cycle_id", "staff_no", "kind", "starts_on"),
            name="participation_record_cycle_id_staff_no_kind_starts_on_key",
        ),
    )

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")


def check_host(values: dict[str, Any]) -> None:
    """Require the host school for secondments, and refuse it otherwise.

    Raises:
        PydanticCustomError: `host_school_code.secondment`.
    """
    if (values["kind"] == "secondment") != (values["host_school_code"] is not None):
        raise invalid_value(
            "host_school_code.secondment",
            Text(
                "借调须填借调学校，其他情况不填",
                "The host school is required for a secondment and not allowed otherwise",
            ),
        )


class ParticipationRecordWrite(ParticipationRecordFields, Input):
    """A participation record as written."""

    rules_between = (
        Rule(("ends_on", "starts_on"), ENDS_AFTER_START.check),
        Rule(("host_school_code", "kind"), check_host),
    )


class ParticipationRecordRead(ParticipationRecordFields):
    """A participation record as read."""

    id: UUID = Field(description="Opaque id")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    school_code: str = Field(
        title="学校标识码",
        description="The participant's school",
        schema_extra={"examples": ["2162000001"]},
    )
    days: int = Field(
        title="天数",
        description="Number of days inside the appraisal period",
        schema_extra={"examples": [12]},
    )
    starts_on: date = Field(title="开始日期", description="First day (开始日期)")
    ends_on: date = Field(
        title="结束日期", description="Last day; null when it still lasts (结束日期)"
    )
