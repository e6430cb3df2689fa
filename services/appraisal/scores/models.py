"""Tables and schemas of scores by dimension (评分)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.chassis.schemas.fields import NUMBER, PLAIN_DECIMAL, Input, StaffNo
from services.chassis.schemas.strict_bodies import FROM_JSON

Points = Annotated[
    Decimal,
    FROM_JSON,
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    NUMBER,
    PLAIN_DECIMAL,
]
_NUMERIC = Numeric(5, 2)


class Scores(SQLModel):
    """Scores from 0 to 100 in the five dimensions."""

    virtue: Points = Field(
        title="德",
        sa_type=_NUMERIC,
        schema_extra={"examples": [92]},
        description="Virtue (德), 0 to 100",
    )
    ability: Points = Field(
        title="能",
        sa_type=_NUMERIC,
        schema_extra={"examples": [88.5]},
        description="Ability (能), 0 to 100",
    )
    diligence: Points = Field(
        title="勤",
        sa_type=_NUMERIC,
        schema_extra={"examples": [90]},
        description="Diligence (勤), 0 to 100",
    )
    achievement: Points = Field(
        title="绩",
        sa_type=_NUMERIC,
        schema_extra={"examples": [86]},
        description="Achievement (绩), 0 to 100",
    )
    integrity: Points = Field(
        title="廉",
        sa_type=_NUMERIC,
        schema_extra={"examples": [95]},
        description="Integrity (廉), 0 to 100",
    )


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

    staff_no: StaffNo = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )


class ScoreRead(Scores):
    """Scores as read."""

    id: UUID = Field(description="Opaque id")
    staff_no: str = Field(
        title="工号",
        description="Staff number, unique in the bureau (工号)",
        schema_extra={"examples": ["T000001"]},
    )
    name: str = Field(
        title="姓名", description="Name of the person (姓名)", schema_extra={"examples": ["王小明"]}
    )
    school_code: str = Field(
        title="学校标识码",
        description="Code of the person's school (学校标识码)",
        schema_extra={"examples": ["2162000001"]},
    )
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    updated_at: datetime
