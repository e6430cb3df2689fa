"""Tables and schemas of appraisal cycles (考核年度)."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import model_validator
from sqlalchemy import DateTime, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.appraisal.rule_sets.models import RuleSetCode
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.text import Text
from services.chassis.schemas.fields import Day, Input, LineText
from services.chassis.schemas.validation import invalid_value


class CycleFields(SQLModel):
    """Fields for creating a cycle."""

    year: int = Field(
        ge=2000,
        le=2100,
        title="考核年度",
        description="Appraisal year; one cycle per bureau and year",
        schema_extra={"examples": [2025]},
    )
    name: LineText = Field(
        title="名称",
        description="Full name",
        max_length=100,
        schema_extra={"examples": ["2025年度考核"]},
    )
    rule_set: RuleSetCode = Field(
        default="founding",
        title="考核规则",
        description="Code of the rule set, which is frozen when the cycle opens",
        schema_extra={"examples": ["founding"]},
    )
    period_from: Day = Field(
        title="考核周期起",
        description="First day of the appraised period",
        schema_extra={"examples": ["2025-01-01"]},
    )
    period_to: Day = Field(
        title="考核周期止",
        description="Last day of the appraised period",
        schema_extra={"examples": ["2025-12-31"]},
    )


class Cycle(CycleFields, Table, table=True):
    """One year's appraisal of a bureau."""

    __table_args__ = (UniqueConstraint("bureau_code", "year"),)

    bureau_code: str
    state: str = "draft"
    rules: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    # The results are outdated because a directive arrived after determination.
    is_stale: bool = False
    # The highest version of discarded results: a person's result never reuses a version, because a
    # stored copy of the earlier one would then be taken for the new one.
    results_version: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    public_notice_from_on: date | None = None
    public_notice_to_on: date | None = None
    opened_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    determined_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    confirmed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    confirmed_by: str | None = None


class CycleCreate(Input):
    """A new cycle; everything but the year has a default."""

    year: int = Field(
        ge=2000,
        le=2100,
        title="考核年度",
        schema_extra={"examples": [2025]},
        description="Year of the appraisal (考核年度)",
    )
    name: LineText | None = Field(
        default=None,
        max_length=100,
        title="名称",
        description="Name shown to people (名称)",
        schema_extra={"examples": ["2025 年度考核"]},
    )
    rule_set: RuleSetCode = Field(
        default="founding",
        title="考核规则",
        description="Code of the rule set that applies (考核规则)",
        schema_extra={"examples": ["founding"]},
    )
    period_from: Day | None = Field(
        default=None,
        title="考核周期起",
        description="First day of the appraised period (考核周期起)",
    )
    period_to: Day | None = Field(
        default=None,
        title="考核周期止",
        description="Last day of the appraised period (考核周期止)",
    )

    @model_validator(mode="after")
    def complete(self) -> "CycleCreate":
        """Set the calendar year as default period; refuse periods of more than two years."""
        self.name = self.name or f"{self.year}年度考核"
        self.period_from = self.period_from or date(self.year, 1, 1)
        self.period_to = self.period_to or date(self.year, 12, 31)
        if not 0 < (self.period_to - self.period_from).days < 731:
            raise invalid_value(
                "period.order",
                Text("考核周期起止有误", "The period must start before it ends"),
                blames="period_to",
            )
        return self


class CycleRead(CycleFields):
    """A cycle as read."""

    id: UUID = Field(description="Opaque id")
    state: Annotated[str, CYCLE_PROCEDURE.code_list] = Field(
        title="状态", description="Changed by verbs only", schema_extra={"examples": ["draft"]}
    )
    participants: int = Field(
        title="参加人数",
        description="Number of people on the frozen roster",
        schema_extra={"examples": [84]},
    )
    is_stale: bool = Field(
        title="结果待更新",
        description="True if a directive arrived after determination: determine again",
    )
    rules: Rules | None = Field(
        title="冻结的规则", description="Rules frozen when the cycle opened"
    )
    public_notice_from_on: date | None = Field(
        title="公示起", description="First day of the public notice"
    )
    public_notice_to_on: date | None = Field(
        title="公示止", description="Last day of the public notice"
    )
    opened_at: datetime | None = Field(
        title="启动时间", description="Time at which the roster was frozen"
    )
    determined_at: datetime | None = Field(
        title="确定档次时间", description="Time of the last determination"
    )
    confirmed_at: datetime | None = Field(title="确认时间", description="Time of confirmation")
    confirmed_by: str | None = Field(
        title="确认人", description="Account that confirmed", schema_extra={"examples": ["李主任"]}
    )
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    updated_at: datetime
