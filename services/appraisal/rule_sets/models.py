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
from services.chassis.schemas.fields import Input, LineText

RuleSetCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class RuleSetFields(SQLModel):
    """What names a rule set."""

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
    """A bureau's rule set, editable; a cycle keeps its own frozen copy."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("bureau_code", "code"),)

    bureau_code: str
    rules: dict[str, Any] = Field(sa_type=JSONB)


class RuleSetWrite(RuleSetFields, Input):
    """A rule set as written; rules left out are the founding ones."""

    rules: Rules = Field(default_factory=Rules, title="规则", description="See each rule")


class RuleSetRead(RuleSetFields):
    """A rule set as read."""

    id: UUID | None = Field(description="Null for the built-in founding rules")
    rules: Rules = Field(title="规则", description="See each rule")
    version: int = Field(description="Counts changes", schema_extra={"examples": [1]})
    updated_at: datetime | None = Field(description="Null for the built-in founding rules")
