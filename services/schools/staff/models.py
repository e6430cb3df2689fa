"""Tables and schemas of staff (教职工)."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import Computed, DateTime, Index, LargeBinary, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlmodel import Field, SQLModel

from services.chassis.core.text import Text
from services.chassis.lists.pinyin.named import Named
from services.chassis.schemas.fields import (
    NO_TRUTH,
    Day,
    Input,
    LineText,
    Rule,
    SchoolCode,
    StaffNo,
)
from services.chassis.schemas.id_numbers.checking import check_id_number
from services.chassis.schemas.id_numbers.parts import MASK
from services.chassis.schemas.patch import patch_of
from services.chassis.schemas.validation import invalid_value, no_nul
from services.schools.base import Table
from services.schools.codes import GENDERS, POST_CATEGORIES, STAFF_STATUSES, TITLES

IdNumber = Annotated[str, BeforeValidator(no_nul), AfterValidator(check_id_number)]


class StaffFields(SQLModel):
    """What is known of a member of staff, except the ID number."""

    staff_no: StaffNo = Field(
        title="工号",
        description="Staff number, unique in the bureau",
        schema_extra={"examples": ["T000001"]},
    )
    name: LineText = Field(
        title="姓名",
        description="Full name",
        max_length=50,
        schema_extra={"examples": ["王小明"]},
    )
    school_code: SchoolCode = Field(
        title="学校标识码",
        description="School of the personnel relation (人事关系); assignments tell who works where",
        schema_extra={"examples": ["2162000001"]},
    )
    post_category: Annotated[str, POST_CATEGORIES] = Field(
        title="岗位类别",
        description="Code list `post-categories`, code or label",
        schema_extra={"examples": ["professional"]},
    )
    post_level: Annotated[int, Field(ge=1, le=13), NO_TRUTH] | None = Field(
        default=None,
        title="岗位等级",
        description="Management 1-10, professional 1-13, workers 1-6",
        schema_extra={"examples": [10]},
    )
    title: Annotated[str, TITLES] | None = Field(
        default=None,
        title="职称",
        description="Code list `titles`, code or label",
        schema_extra={"examples": ["first"]},
    )
    duty: LineText | None = Field(
        default=None,
        title="岗位职务",
        description="What the person does at the school",
        max_length=50,
        schema_extra={"examples": ["班主任"]},
    )
    employed_on: Day = Field(
        title="入职日期",
        description="First day of employment",
        schema_extra={"examples": ["2008-09-01"]},
    )
    left_on: Day | None = Field(
        default=None,
        title="离职日期",
        description="Last day of employment",
        schema_extra={"examples": [None, "2026-07-31"]},
    )
    status: Annotated[str, STAFF_STATUSES] = Field(
        default="active",
        title="在职状态",
        description="Code list `staff-statuses`, code or label",
        schema_extra={"examples": ["active"]},
    )


class Staff(StaffFields, Named, Table, table=True):
    """A member of staff of a bureau's school."""

    __table_args__ = (
        UniqueConstraint("bureau_code", "staff_no"),
        UniqueConstraint("bureau_code", "id_number_index"),
        Index(None, "bureau_code", "school_code", "staff_no"),
        Index(None, "bureau_code", "name", "id"),
        Index(None, "bureau_code", "name_pinyin", "id"),
        Index(None, "bureau_code", "name_initials", "id"),
        Index(None, "bureau_code", "created_at", "id"),
        Index(None, "bureau_code", "employed_on", "id"),
    )

    bureau_code: str
    id_number_cipher: bytes = Field(sa_type=LargeBinary)
    id_number_index: bytes = Field(sa_type=LargeBinary)
    gender: str
    birth_date: date
    # PostgreSQL derives it; this is the expression as it gives it back.
    id_number_key: str | None = Field(
        default=None,
        sa_column_args=(
            Computed(
                'encode("substring"(id_number_cipher, 1, '
                "(\"position\"(id_number_cipher, '\\x3a'::bytea) - 1)), 'escape'::text)",
                persisted=True,
            ),
        ),
        index=True,
        sa_type=LongText,
    )
    restricted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    restricted_reason: str | None = Field(default=None, max_length=200)
    erased_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


def check_days(values: dict[str, Any]) -> None:
    """Nobody leaves before being employed.

    Raises:
        PydanticCustomError: `left_on.before_employment`.
    """
    if values["left_on"] and values["left_on"] < values["employed_on"]:
        raise invalid_value(
            "left_on.before_employment",
            Text("离职日期早于入职日期", "Left before being employed"),
        )


def check_status(values: dict[str, Any]) -> None:
    """Whoever has left has a last day.

    Raises:
        PydanticCustomError: `left_on.missing`.
    """
    if values["status"] == "left" and values["left_on"] is None:
        raise invalid_value(
            "left_on.missing", Text("离职人员须有离职日期", "Someone who left needs a last day")
        )


class StaffDetails(StaffFields, Input):
    """A member of staff as written, except the ID number."""

    rules_between = (
        Rule(("left_on", "employed_on"), check_days),
        Rule(("left_on", "status"), check_status),
    )


class StaffCreate(StaffDetails):
    """A member of staff as written: created, upserted or imported."""

    id_number: IdNumber = Field(
        title="身份证号",
        description="Resident ID number, 18 characters (GB 11643); stored encrypted. Without "
        "`staff:pii` it is recorded for new people only, and otherwise compared by the bureau",
        schema_extra={"examples": ["11010519491231002X"]},
    )


StaffPatch = patch_of(StaffCreate, without=("staff_no",))


class StaffRead(StaffFields):
    """A member of staff as read; the ID number is masked."""

    id: UUID = Field(description="Opaque id")
    id_number_masked: str = Field(
        title="身份证号(脱敏)",
        description="The same for everybody; `:reveal` shows the number",
        schema_extra={"examples": [MASK]},
    )
    gender: Annotated[str, GENDERS] = Field(
        title="性别",
        description="From the ID number",
        schema_extra={"examples": ["female"]},
    )
    birth_date: date = Field(
        title="出生日期",
        description="From the ID number",
        schema_extra={"examples": ["1949-12-31"]},
    )
    version: int = Field(description="Counts changes", schema_extra={"examples": [1]})
    created_at: datetime
    updated_at: datetime
