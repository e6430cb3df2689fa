"""Tables and schemas of directives (问责影响): what a decision means for a result."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, StringConstraints, model_validator
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.codes import DIRECTIVE_STATES, EFFECTS
from services.chassis.fields import Day, LineText, StaffNo
from services.chassis.text import Text
from services.chassis.validation import invalid_value

Grade = Literal["unqualified", "basically_qualified", "qualified", "excellent"]


class DirectiveFields(SQLModel):
    """One effect of one decision on one person's result of one year."""

    directive_no: Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,80}$")] = Field(
        title="影响编号",
        description="The sender's own number; sending it again changes nothing",
        schema_extra={"examples": ["620123-2025-001-T000001"]},
    )
    year: int = Field(ge=2000, le=2100, title="考核年度", schema_extra={"examples": [2025]})
    staff_no: StaffNo = Field(title="工号", schema_extra={"examples": ["T000001"]})
    effect: EFFECTS.field() = Field(  # type: ignore[valid-type]
        title="影响",
        description="Code list `directive-effects`",
        schema_extra={"examples": ["fix"]},
    )
    result: Grade = Field(
        title="等次", sa_type=str, description="The result it fixes or limits to",
        schema_extra={"examples": ["unqualified"]},
    )  # fmt: skip
    case_no: LineText = Field(
        title="案件编号", max_length=64, schema_extra={"examples": ["2025-001"]}
    )
    measure: LineText = Field(title="问责方式", max_length=16, schema_extra={"examples": ["M4"]})
    basis: LineText = Field(
        title="依据", max_length=500, schema_extra={"examples": ["责任追究制度:当年考核不合格"]}
    )
    decided_on: Day = Field(title="决定日期", schema_extra={"examples": ["2025-11-20"]})


class Directive(DirectiveFields, Table, table=True):
    """A directive as received."""

    __table_args__ = (
        UniqueConstraint("bureau_code", "directive_no"),
        Index(None, "bureau_code", "year", "staff_no"),
    )

    bureau_code: str
    result: str
    state: str = "pending"


class DirectiveWrite(DirectiveFields):
    """A directive as sent."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def agree(self) -> "DirectiveWrite":
        """Nobody can be lifted to 优秀 from outside: the quota stands."""
        if self.result == "excellent" and self.effect != "cap":
            raise invalid_value(
                "directive.excellent",
                Text("不能直接确定为优秀", "A directive cannot make somebody excellent"),
            )
        return self


class DirectiveRead(DirectiveFields):
    """A directive as read."""

    id: UUID = Field(description="Opaque id")
    state: DIRECTIVE_STATES.field() = Field(  # type: ignore[valid-type]
        title="状态",
        description="Code list `directive-states`",
        schema_extra={"examples": ["pending"]},
    )
    created_at: datetime
    decided_on: date = Field(title="决定日期")
