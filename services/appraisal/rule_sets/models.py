"""Tables and schemas of rule sets (考核规则)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.text import Text
from services.chassis.schemas.fields import Input, LineText

FOUNDING = "founding"
FOUNDING_NAME = Text("创始规则（四联小学岗位责任制与考核制度）", "Founding rules")


RuleSetCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class RuleSetFields(SQLModel):
    """Code and name of a rule set."""

    code: RuleSetCode = Field(
        title="规则代码",
        description="Short name, unique in the bureau",
        schema_extra={"examples": ["county-2025"]},
    )
    name: LineText = Field(
        title="规则名称",
        description="Full name",
        max_length=100,
        schema_extra={"examples": ["示例县2025年度考核规则"]},
    )


class RuleSet(RuleSetFields, Table, table=True):
    """A bureau's editable rule set; each opened cycle has its own frozen copy."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("bureau_code", "code"),)

    bureau_code: str
    rules: dict[str, Any] = Field(sa_type=JSONB)


class RuleSetWrite(RuleSetFields, Input):
    """A rule set as written; omitted rules default to the founding rules."""

    rules: Rules = Field(default_factory=Rules, title="规则", description="Values of all rules")


class RuleSetRead(RuleSetFields):
    """A rule set as read."""

    id: UUID | None = Field(description="Null for the built-in founding rules")
    rules: Rules = Field(title="规则", description="Values of all rules")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    updated_at: datetime | None = Field(description="Null for the built-in founding rules")
