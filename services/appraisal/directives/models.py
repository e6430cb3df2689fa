"""Tables and schemas of directives (问责影响), the effects of decisions on results."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.codes import DIRECTIVE_STATES, EFFECTS, RESULTS
from services.chassis.core.text import Text
from services.chassis.schemas.fields import Day, Input, LineText, ProseText, Rule, StaffNo
from services.chassis.schemas.validation import invalid_value


class DirectiveFields(SQLModel):
    """The effect of a decision on a person's result of a year."""

    directive_no: Annotated[str, StringConstraints(pattern=r"^[\w.:〔〕（）()\[\]-]{1,80}$")] = (
        Field(
            title="影响编号",
            description="Number assigned by the sender; repeating it changes nothing",
            schema_extra={"examples": ["620123-2025-001-T000001"]},
        )
    )
    year: int = Field(
        ge=2000,
        le=2100,
        title="考核年度",
        schema_extra={"examples": [2025]},
        description="Year of the appraisal (考核年度)",
    )
    staff_no: StaffNo = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    effect: Annotated[str, EFFECTS] = Field(
        title="影响",
        description="Code list `directive-effects`",
        schema_extra={"examples": ["fix"]},
    )
    result: Annotated[str, RESULTS] = Field(
        title="等次",
        description="Grade that is fixed or is the limit; never `undetermined`",
        schema_extra={"examples": ["unqualified"]},
    )
    case_no: LineText = Field(
        title="案件编号",
        max_length=64,
        schema_extra={"examples": ["2025-001"]},
        description="Number of the accountability case (案件编号)",
    )
    measure: LineText = Field(
        title="问责方式",
        max_length=16,
        schema_extra={"examples": ["M4"]},
        description="Measure of the decision (问责方式)",
    )
    basis: ProseText = Field(
        title="依据",
        max_length=500,
        schema_extra={"examples": ["责任追究制度：当年考核不合格"]},
        description="Legal basis of the decision (依据)",
    )
    decided_on: Day = Field(
        title="决定日期",
        schema_extra={"examples": ["2025-11-20"]},
        description="Day of the decision (决定日期)",
    )


class Directive(DirectiveFields, Table, table=True):
    """A directive as received."""

    __table_args__ = (
        UniqueConstraint("bureau_code", "directive_no"),
        Index(None, "bureau_code", "year", "staff_no"),
    )

    bureau_code: str
    state: str = "pending"


def check_effect(values: dict[str, Any]) -> None:
    """Refuse results that are not grades, and 优秀, which only the quota can give.

    Raises:
        PydanticCustomError: `directive.undetermined` or `directive.excellent`.
    """
    if values["result"] == "undetermined":
        raise invalid_value(
            "directive.undetermined",
            Text("不能确定为不定等次", "A directive must contain one of the four grades"),
        )
    if values["result"] == "excellent" and values["effect"] != "cap":
        raise invalid_value(
            "directive.excellent",
            Text("不能直接确定为优秀", "A directive cannot set the grade excellent"),
        )


class DirectiveWrite(DirectiveFields, Input):
    """A directive as sent."""

    rules_between = (Rule(("result", "effect"), check_effect),)


class DirectiveRead(DirectiveFields):
    """A directive as read."""

    id: UUID = Field(description="Opaque id")
    state: Annotated[str, DIRECTIVE_STATES] = Field(
        title="状态",
        description="Code list `directive-states`",
        schema_extra={"examples": ["pending"]},
    )
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    decided_on: date = Field(title="决定日期", description="Day of the decision (决定日期)")
