"""Tables and schemas of results (考核结果)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.appraisal.base import Table
from services.appraisal.codes import RESULTS
from services.chassis.schemas.fields import NUMBER


class ResultFields(SQLModel):
    """Common fields of a result."""

    staff_no: str = Field(
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    school_code: str = Field(
        title="考核单位标识码",
        description="Appraising school; the host after a secondment of more than half the period",
        schema_extra={"examples": ["2162000001"]},
    )
    result: Annotated[str, RESULTS] = Field(
        title="考核结果",
        description="Code list `results`",
        schema_extra={"examples": ["qualified"]},
    )
    total: Annotated[Decimal, NUMBER] | None = Field(
        default=None,
        sa_type=Numeric(6, 3),
        title="总分",
        description="Weighted total, 0 to 100; null without scores",
        schema_extra={"examples": [88.35]},
    )
    rank: int | None = Field(
        default=None,
        title="校内名次",
        description="Rank by total among people graded by the same school; null if not graded",
        schema_extra={"examples": [3]},
    )


class Result(ResultFields, Table, table=True):
    """The result of a participant, with all data from which it was determined."""

    __table_args__ = (
        UniqueConstraint("cycle_id", "staff_no"),
        Index(None, "cycle_id", "school_code", "result"),
        Index(None, "cycle_id", "result", "staff_no"),
    )

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")
    is_graded: bool
    reasons: list[dict[str, Any]] = Field(sa_type=JSONB)


class SchoolQuota(Table, table=True):
    """The quota of one school as computed by determination (名额计算)."""

    __tablename__ = "school_quota"
    __table_args__ = (UniqueConstraint("cycle_id", "school_code"),)

    bureau_code: str
    cycle_id: UUID = Field(foreign_key="appraisal.cycle.id")
    school_code: str
    school_name: str
    base: int
    rate: Decimal = Field(sa_type=Numeric(5, 2))
    quota: int


class SchoolSummary(SQLModel):
    """Quota and results of one school (分校汇总)."""

    id: UUID = Field(description="Opaque id")
    school_code: str = Field(
        title="考核单位标识码",
        schema_extra={"examples": ["2162000001"]},
        description="Code of the school that appraises (考核单位标识码)",
    )
    school_name: str = Field(
        title="学校名称",
        description="Name of the school (学校名称)",
        schema_extra={"examples": ["示例县实验小学"]},
    )
    participants: int = Field(
        title="参加人数",
        schema_extra={"examples": [37]},
        description="Participants of the school (参加人数)",
    )
    base: int = Field(
        title="优秀基数",
        schema_extra={"examples": [37]},
        description="Participants of whom the quota of excellent results is taken (优秀基数)",
    )
    rate: Annotated[Decimal, NUMBER] = Field(
        title="优秀比例", description="Percent", schema_extra={"examples": [20]}
    )
    limit: int = Field(
        title="优秀名额",
        schema_extra={"examples": [7]},
        description="Most excellent results that the school may have (优秀名额)",
    )
    excellent: int = Field(
        title="优秀",
        schema_extra={"examples": [7]},
        description="Participants with this result (优秀)",
    )
    qualified: int = Field(
        title="合格",
        schema_extra={"examples": [28]},
        description="Participants with this result (合格)",
    )
    basically_qualified: int = Field(
        title="基本合格",
        schema_extra={"examples": [1]},
        description="Participants with this result (基本合格)",
    )
    unqualified: int = Field(
        title="不合格",
        schema_extra={"examples": [0]},
        description="Participants with this result (不合格)",
    )
    undetermined: int = Field(
        title="不定等次",
        schema_extra={"examples": [1]},
        description="Participants without a graded result (不定等次)",
    )


class PublicNoticeEntry(SQLModel):
    """A person proposed as 优秀, with name, unit, post and grade only (公示名单)."""

    name: str = Field(
        title="姓名", description="Name of the person (姓名)", schema_extra={"examples": ["王小明"]}
    )
    school_name: str = Field(
        title="单位",
        description="Name of the school (单位)",
        schema_extra={"examples": ["示例县实验小学"]},
    )
    duty: str | None = Field(
        title="岗位",
        description="Duty at the school (岗位)",
        schema_extra={"examples": ["教研组长"]},
    )
    result: str = Field(
        title="拟定等次",
        schema_extra={"examples": ["excellent"]},
        description="Proposed result (拟定等次)",
    )


class ReasonRead(SQLModel):
    """One reason of a result (理由)."""

    code: str = Field(
        title="理由代码",
        schema_extra={"examples": ["within_quota"]},
        description="Code of the reason (理由代码)",
    )
    params: dict[str, Any] = Field(
        title="依据数据",
        schema_extra={"examples": [{}]},
        description="Figures on which the reason is based (依据数据)",
    )
    message: str = Field(
        title="说明",
        description="Text of the reason in the language of the request",
        schema_extra={"examples": ["总分 88.6，达到合格线 60"]},
    )


class ResultRead(ResultFields):
    """A result with its reasons."""

    id: UUID = Field(description="Opaque id")
    name: str = Field(
        title="姓名", schema_extra={"examples": ["王小明"]}, description="Name of the person (姓名)"
    )
    school_name: str = Field(
        title="所在学校",
        schema_extra={"examples": ["示例县城关第一小学"]},
        description="Name of the person's school (所在学校)",
    )
    duty: str | None = Field(
        title="岗位职务",
        description="Duty at the school (岗位职务)",
        schema_extra={"examples": ["教研组长"]},
    )
    is_graded: bool = Field(title="是否评定等次", description="False for 不定等次")
    reasons: list[ReasonRead] = Field(
        title="理由", description="Reasons in the order of application"
    )
    explanation: str = Field(
        title="理由说明",
        description="Texts of all reasons",
        schema_extra={"examples": ["总分 88.6，达到合格线 60"]},
    )
    version: int = Field(
        description="Number of the current version; corrections change it",
        schema_extra={"examples": [1]},
    )
    updated_at: datetime
