"""Tables and schemas of schools (学校)."""

from typing import Annotated, Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.chassis.core.text import Text
from services.chassis.lists.pinyin.named import Named
from services.chassis.schemas.days import within
from services.chassis.schemas.fields import NO_TRUTH, Day, Input, LineText, Rule, SchoolCode
from services.chassis.schemas.patch import patch_of
from services.chassis.schemas.rows import RowRead
from services.chassis.schemas.validation import invalid_value
from services.schools.base import Table
from services.schools.codes import AREA_TYPES, CODE_CLASSES, SCHOOL_STATUSES, SCHOOL_TYPES


class SchoolFields(SQLModel):
    """Common fields of a school."""

    school_code: SchoolCode = Field(
        title="学校标识码",
        description="National school code, 10 digits: class, province, serial number",
        schema_extra={"examples": ["2162000001"]},
    )
    name: LineText = Field(
        title="学校名称",
        description="Full name",
        max_length=100,
        schema_extra={"examples": ["示例县城关第一小学"]},
    )
    school_type: Annotated[str, SCHOOL_TYPES] = Field(
        title="办学类型",
        description="Code list `school-types`, code or label",
        schema_extra={"examples": ["211"]},
    )
    area_type: Annotated[str, AREA_TYPES] = Field(
        title="城乡类型",
        description="Code list `area-types`, code or label",
        schema_extra={"examples": ["121"]},
    )
    parent_code: SchoolCode | None = Field(
        default=None,
        title="上级学校标识码",
        description="Central school of a teaching point",
        schema_extra={"examples": [None, "2162000001"]},
    )
    status: Annotated[str, SCHOOL_STATUSES] = Field(
        default="active",
        title="状态",
        description="Code list `school-statuses`, code or label",
        schema_extra={"examples": ["active"]},
    )
    enrolment: Annotated[int, Field(ge=0, le=100_000), NO_TRUTH] | None = Field(
        default=None,
        title="在校生数",
        description="Number of enrolled pupils",
        schema_extra={"examples": [860]},
    )
    local_code: LineText | None = Field(
        default=None,
        title="地方编码",
        description="Code of the school in other local systems",
        max_length=32,
        schema_extra={"examples": [None, "LZ-017"]},
    )
    address: LineText | None = Field(
        default=None,
        title="地址",
        description="Postal address",
        max_length=200,
        schema_extra={"examples": ["示例县城关镇解放路1号"]},
    )
    opened_on: Annotated[Day, within(2)] | None = Field(
        default=None,
        title="建校日期",
        description="Date of foundation",
        schema_extra={"examples": ["1956-09-01"]},
    )


class School(SchoolFields, Named, Table, table=True):
    """A school or teaching point of a bureau."""

    # A school code is unique over all bureaus and all time (`domain.md` B7a).
    __table_args__ = (
        UniqueConstraint("school_code"),
        UniqueConstraint("bureau_code", "school_code"),
        Index(None, "bureau_code", "name", "id"),
        Index(None, "bureau_code", "created_at", "id"),
    )

    bureau_code: str


def check_code(values: dict[str, Any]) -> None:
    """The code begins with the class of the school's type (`domain.md` B7a).

    Raises:
        PydanticCustomError: `school_code.class`.
    """
    expected = CODE_CLASSES[values["school_type"]]
    if not values["school_code"].startswith(expected):
        raise invalid_value(
            "school_code.class",
            Text(
                "办学类型 {type} 的标识码应以 {expected} 开头",
                "School codes of type {type} begin with {expected}",
            ),
            type=values["school_type"],
            expected=expected,
        )


def check_parent(values: dict[str, Any]) -> None:
    """No school belongs to itself.

    Raises:
        PydanticCustomError: `parent_code.self`.
    """
    if values["parent_code"] == values["school_code"]:
        raise invalid_value(
            "parent_code.self", Text("上级学校不能是本校", "A school cannot be its own parent")
        )


class SchoolCreate(SchoolFields, Input):
    """A school as written: created, upserted or imported."""

    rules_between = (
        Rule(("school_code", "school_type"), check_code),
        Rule(("parent_code", "school_code"), check_parent),
    )


SchoolPatch = patch_of(SchoolFields, without=("school_code",))


class SchoolRead(RowRead, SchoolFields):
    """A school as read."""
