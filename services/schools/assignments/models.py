"""Tables and schemas of assignments (任职)."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.chassis.core.text import Text
from services.chassis.schemas.days import ENDS_AFTER_START, within
from services.chassis.schemas.fields import (
    NO_TRUTH,
    Day,
    Input,
    LineText,
    Rule,
    SchoolCode,
    StaffNo,
)
from services.chassis.schemas.patch import patch_of
from services.chassis.schemas.validation import invalid_value
from services.schools.base import Table
from services.schools.people_codes import ASSIGNMENT_KINDS, ASSIGNMENT_ROLES, TEACHING_ROLES

KEY = ("staff_no", "school_code", "role", "starts_on")


class AssignmentFields(SQLModel):
    """Common fields of an assignment."""

    staff_no: StaffNo = Field(
        title="工号",
        description="Staff number of the person",
        schema_extra={"examples": ["T000001"]},
    )
    school_code: SchoolCode = Field(
        title="学校标识码",
        description="School of the post; may differ from the personnel relation (人事关系)",
        schema_extra={"examples": ["2162000001"]},
    )
    role: Annotated[str, ASSIGNMENT_ROLES] = Field(
        title="任职岗位",
        description="Code list `assignment-roles`, code or label",
        schema_extra={"examples": ["head_teacher"]},
    )
    kind: Annotated[str, ASSIGNMENT_KINDS] = Field(
        default="regular",
        title="任职方式",
        description="Code list `assignment-kinds`, code or label",
        schema_extra={"examples": ["exchange"]},
    )
    subject: LineText | None = Field(
        default=None,
        title="任教学科",
        description="Subject or subjects taught or led",
        max_length=50,
        schema_extra={"examples": ["语文"]},
    )
    class_name: LineText | None = Field(
        default=None,
        title="班级",
        description="Class of a head teacher; only for this role",
        max_length=50,
        schema_extra={"examples": ["三（2）班"]},
    )
    weekly_lessons: Annotated[int, Field(ge=0, le=40), NO_TRUTH] | None = Field(
        default=None,
        title="周课时",
        description="Lessons per week of teachers, head teachers, subject and grade leaders; "
        "each lesson counts in exactly one assignment",
        schema_extra={"examples": [12]},
    )
    starts_on: Annotated[Day, within(10)] = Field(
        title="开始日期", description="First day", schema_extra={"examples": ["2025-09-01"]}
    )
    ends_on: Annotated[Day, within(10)] | None = Field(
        default=None,
        title="结束日期",
        description="Last day, inclusive; null if no end is set",
        schema_extra={"examples": ["2026-08-31"]},
    )


class Assignment(AssignmentFields, Table, table=True):
    """A role of a person at a school."""

    __table_args__ = (
        UniqueConstraint("bureau_code", *KEY),
        Index(None, "bureau_code", "school_code", "staff_no"),
        Index(None, "bureau_code", "starts_on", "id"),
        Index(None, "bureau_code", "created_at", "id"),
    )

    bureau_code: str


def check_class(values: dict[str, Any]) -> None:
    """Refuse a class for other roles than head teacher.

    Raises:
        PydanticCustomError: `class_name.not_head_teacher`.
    """
    if values["class_name"] is not None and values["role"] != "head_teacher":
        raise invalid_value(
            "class_name.not_head_teacher",
            Text("只有班主任填写班级", "Only head teachers can have a class"),
        )


def check_lessons(values: dict[str, Any]) -> None:
    """Refuse lessons for roles that do not teach.

    Raises:
        PydanticCustomError: `weekly_lessons.not_teaching`.
    """
    if values["weekly_lessons"] is not None and values["role"] not in TEACHING_ROLES:
        raise invalid_value(
            "weekly_lessons.not_teaching",
            Text(
                "该岗位不填周课时；兼课请另登记教师任职",
                "This role has no lessons; record teaching as a separate assignment",
            ),
        )


class AssignmentCreate(AssignmentFields, Input):
    """An assignment as written: created, upserted or imported."""

    rules_between = (
        Rule(("ends_on", "starts_on"), ENDS_AFTER_START.check),
        Rule(("class_name", "role"), check_class),
        Rule(("weekly_lessons", "role"), check_lessons),
    )


AssignmentPatch = patch_of(AssignmentCreate, without=KEY)


class AssignmentRead(AssignmentFields):
    """An assignment with the names of the person and the school."""

    id: UUID = Field(description="Opaque id")
    name: str = Field(
        title="姓名",
        description="Present name in the register",
        schema_extra={"examples": ["王小明"]},
    )
    school_name: str = Field(
        title="学校名称",
        description="Present name in the register",
        schema_extra={"examples": ["示例县城关第一小学"]},
    )
    starts_on: date = Field(title="开始日期", description="First day")
    ends_on: date | None = Field(title="结束日期", description="Last day, inclusive")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    updated_at: datetime
