"""Tables and schemas of scores by dimension (评分)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.chassis.schemas.fields import NUMBER, Input, StaffNo
from services.chassis.schemas.strict_bodies import FROM_JSON

Points = Annotated[Decimal, FROM_JSON, Field(ge=0, le=100, max_digits=5, decimal_places=2), NUMBER]
_NUMERIC = Numeric(5, 2)


class Scores(SQLModel):
    """Scores from 0 to 100 in the five dimensions."""

    virtue: Points = Field(title="德", sa_type=_NUMERIC, schema_extra={"examples": [92]})
    ability: Points = Field(title="能", sa_type=_NUMERIC, schema_extra={"examples": [88.5]})
    diligence: Points = Field(title="勤", sa_type=_NUMERIC, schema_extra={"examples": [90]})
    achievement: Points = Field(title="绩", sa_type=_NUMERIC, schema_extra={"examples": [86]})
    integrity: Points = Field(title="廉", sa_type=_NUMERIC, schema_extra={"examples": [95]})


class Score(Scores, Table, table=True):
    """The scores of one participant."""

    __table_args__ = (UniqueConstraint("bureau_code", "cycle_id", "staff_no"),)

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")
    staff_no: str


class ScoresPut(Scores, Input):
    """The scores of the person in the path."""


class ScoreWrite(Scores, Input):
    """A row of scores as imported."""

    staff_no: StaffNo = Field(title="工号", schema_extra={"examples": ["T000001"]})


class ScoreRead(Scores):
    """Scores as read."""

    id: UUID = Field(description="Opaque id")
    staff_no: str = Field(title="工号")
    name: str = Field(title="姓名")
    school_code: str = Field(title="学校标识码")
    version: int = Field(description="Number of the current version")
    updated_at: datetime
