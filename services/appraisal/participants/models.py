"""Tables and schemas of participants (考核名册)."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.chassis.lists.pinyin.named import Named


class ParticipantFields(SQLModel):
    """A participant's data as frozen when the cycle opened."""

    staff_no: str = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    name: str = Field(
        title="姓名", schema_extra={"examples": ["王小明"]}, description="Name of the person (姓名)"
    )
    school_code: str = Field(
        title="学校标识码",
        schema_extra={"examples": ["2162000001"]},
        description="Code of the person's school (学校标识码)",
    )
    school_name: str = Field(
        title="学校名称",
        schema_extra={"examples": ["示例县城关第一小学"]},
        description="Name of the school (学校名称)",
    )
    post_category: str = Field(
        title="岗位类别",
        schema_extra={"examples": ["professional"]},
        description="Category of the post (岗位类别)",
    )
    post_level: int | None = Field(
        default=None,
        title="岗位等级",
        description="Level of the post, 1 to 13 (岗位等级)",
        schema_extra={"examples": [10]},
    )
    title: str | None = Field(
        default=None,
        title="职称",
        description="Professional title (职称)",
        schema_extra={"examples": ["一级教师"]},
    )
    duty: str | None = Field(
        default=None,
        title="岗位职务",
        description="Duty at the school (岗位职务)",
        schema_extra={"examples": ["教研组长"]},
    )
    employed_on: date = Field(title="入职日期", description="First day of employment (入职日期)")
    left_on: date | None = Field(
        default=None,
        title="离职日期",
        description="Last day of employment; null while employed (离职日期)",
    )


class Participant(ParticipantFields, Named, Table, table=True):
    """One person on the roster of one cycle."""

    __table_args__ = (
        UniqueConstraint("cycle_id", "staff_no"),
        Index(None, "cycle_id", "school_code", "staff_no"),
        Index(None, "cycle_id", "name_pinyin", "id"),
        Index(None, "cycle_id", "name_initials", "id"),
    )

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")


class ParticipantRead(ParticipantFields):
    """A participant as read."""

    id: UUID = Field(description="Opaque id")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
