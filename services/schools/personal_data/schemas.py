"""Bodies and answers of the routes on personal data."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from services.chassis.schemas.fields import LocalTime
from services.chassis.schemas.id_numbers.checking import check_id_number
from services.chassis.schemas.strict_bodies import Body
from services.chassis.schemas.validation import no_nul
from services.chassis.subject_access.holdings import HeldEvent
from services.schools.assignments.models import AssignmentRead
from services.schools.id_number_reports.models import IdNumberReportRead
from services.schools.staff.models import StaffRead

# As for `StaffCreate`: old and full-width forms become the one that is stored.
IdNumber = Annotated[str, BeforeValidator(no_nul), AfterValidator(check_id_number)]


class StaffSearch(Body):
    """Whom to look for (按身份证号查找)."""

    id_number: IdNumber = Field(
        description="Complete ID number (身份证号)", examples=["11010519491231002X"]
    )


class StaffFound(BaseModel):
    """Who has this number, and for whom else it was given (查找结果)."""

    data: list[StaffRead] = Field(description="The person who has it, or nobody (数据)")
    reports: list[IdNumberReportRead] = Field(
        description="People for whom it was given and not recorded (报送记录)"
    )


class DataState(BaseModel):
    """Whether the person's data may be used (处理状态)."""

    staff_no: str = Field(description="Staff number (工号)", examples=["T000001"])
    restricted_at: LocalTime | None = Field(
        description="Since when only kept (限制处理时间)", examples=["2026-03-02T09:30:00+08:00"]
    )
    erased_at: LocalTime | None = Field(
        description="When erased (删除时间)", examples=["2026-03-02T09:30:00+08:00"]
    )


class PersonRecord(StaffRead):
    """Everything that the registry's own row says of a person (登记信息)."""

    bureau_code: str = Field(description="Bureau (教育局代码)", examples=["620180"])
    school_name: str | None = Field(description="School (学校名称)", examples=["示例小学"])
    id_number: str | None = Field(
        description="Unmasked; null when none is recorded, or once erased (完整身份证号)",
        examples=["11010519491231002X"],
    )
    restricted_at: datetime | None = Field(description="Since when restricted (限制处理时间)")
    restricted_reason: str | None = Field(
        description="Why (限制理由)", examples=["本人提出异议，核实期间限制处理"]
    )
    erased_at: datetime | None = Field(description="When erased (删除时间)")


class ReportedNumber(BaseModel):
    """An ID number that was given for the person and not recorded (报送的身份证号)."""

    id_number: str = Field(description="Unmasked (完整身份证号)", examples=["11010519491231002X"])
    state: str = Field(description="Where the report stands (状态)", examples=["open"])
    reported_at: LocalTime = Field(description="When it was given (报送时间)")


class HeldElsewhere(BaseModel):
    """Data of the person in another service (其他服务保存的信息)."""

    service: str = Field(description="Name of the service (服务)", examples=["appraisal"])
    holds: str = Field(
        description="Which data, in the request's language (内容)",
        examples=["年度考核名册（姓名、工号、单位、岗位）、评分与结果"],
    )
    until: str = Field(
        description="How long and why (保存期限与依据)",
        examples=["属人事档案材料，按档案保管期限保存"],
    )
    records: dict[str, list[dict[str, Any]]] = Field(
        description="By kind, as that service documents them (记录)",
        examples=[{"scores": [{"year": 2025, "virtue": 92}]}],
    )
    events: list[HeldEvent] = Field(description="Changes and looks, in order (变更与查阅记录)")


class PersonalData(BaseModel):
    """All data of a person on the platform, in one file (个人信息副本)."""

    exported_on: date = Field(description="Day of this copy (导出日期)", examples=["2026-03-01"])
    person: PersonRecord = Field(description="The record (登记信息)")
    reported_numbers: list[ReportedNumber] = Field(
        description="ID numbers given for the person and not recorded (报送的身份证号)"
    )
    assignments: list[AssignmentRead] = Field(description="What the person does and did (任职)")
    events: list[HeldEvent] = Field(description="Changes and looks, in order (变更与查阅记录)")
    elsewhere: list[HeldElsewhere] = Field(description="What other services hold (其他服务)")


class RotationRead(BaseModel):
    """How far a re-encryption has come (轮换进度)."""

    id: UUID = Field(description="Opaque id")
    state: str = Field(description="`running` or `completed` (状态)", examples=["completed"])
    target_key: str = Field(description="Key that all rows get (目标密钥)", examples=["k2"])
    rows_changed: int = Field(description="Re-encrypted so far (已处理)", examples=[4200])
    passes: int = Field(description="Walks through the table (遍数)", examples=[1])
    started_by: str = Field(description="Who asked for it (发起人)", examples=["secadmin"])
    created_at: LocalTime = Field(description="Begun (开始时间)")
    finished_at: LocalTime | None = Field(
        description="Ended (完成时间)", examples=["2026-03-02T09:30:00+08:00"]
    )


class KeyUse(BaseModel):
    """One key and what still needs it (密钥使用)."""

    key: str = Field(description="Name of the key (密钥名)", examples=["k1"])
    rows: int = Field(description="ID numbers under it (记录数)", examples=[4200])
    is_current: bool = Field(description="New values get it (当前密钥)", examples=[True])
    is_in_ring: bool = Field(
        description="This process has it; must be true while rows > 0 (本进程是否持有)",
        examples=[True],
    )


class KeysRead(BaseModel):
    """The keys of personal data, by name only (密钥状态)."""

    keys: list[KeyUse] = Field(description="Keys in the ring or in use (密钥)")
    rotation: RotationRead | None = Field(description="The latest one (最近一次轮换)")
