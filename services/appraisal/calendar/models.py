"""Tables and schemas of the bureau's working-day calendar (工作日历)."""

from datetime import date
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.chassis.schemas.fields import Day, Input, LineText


class CalendarDayFields(SQLModel):
    """A day on which the bureau deviates from the statutory calendar."""

    day: Day = Field(title="日期", description="The day", schema_extra={"examples": ["2026-01-04"]})
    is_working: bool = Field(
        title="是否工作日",
        description="Whether the day is a working day",
        schema_extra={"examples": [True]},
    )
    note: LineText | None = Field(
        default=None,
        title="说明",
        description="Reason",
        max_length=100,
        schema_extra={"examples": ["调休"]},
    )


class CalendarDay(CalendarDayFields, Table, table=True):
    """One exception of one bureau."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("bureau_code", "day"),)

    bureau_code: str


class CalendarDayWrite(CalendarDayFields, Input):
    """An exception as written."""


class CalendarDayRead(CalendarDayFields):
    """An exception as read."""

    id: UUID = Field(description="Opaque id")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )


class WorkingDays(SQLModel):
    """A count of working days (工作日计算)."""

    from_on: date = Field(description="First day, counted if it is a working day")
    to_on: date = Field(description="Day on which the count is complete")
    days: int = Field(description="Working days in the span", schema_extra={"examples": [5]})
    source: str = Field(
        description="`statutory`, or `weekends_only` if the year's holidays are not yet published",
        schema_extra={"examples": ["statutory"]},
    )
