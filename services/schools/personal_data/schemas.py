"""Schemas of the routes on personal data."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from services.chassis.schemas.fields import LocalTime
from services.chassis.schemas.id_numbers.checking import check_id_number
from services.chassis.schemas.strict_bodies import Body
from services.chassis.schemas.texts import no_nul
from services.chassis.subject_access.holdings import HeldEvent
from services.schools.assignments.models import AssignmentRead
from services.schools.id_number_reports.models import IdNumberReportRead
from services.schools.staff.models import StaffRead

# As for `StaffCreate`: old and full-width forms become the one that is stored.
IdNumber = Annotated[str, BeforeValidator(no_nul), AfterValidator(check_id_number)]


class StaffSearch(Body):
    """A search by ID number (按身份证号查找)."""

    id_number: IdNumber = Field(
        description="Complete ID number (身份证号)", examples=["11010519491231002X"]
    )


class StaffFound(BaseModel):
    """The person with this number, and others it was reported for (查找结果)."""

    data: list[StaffRead] = Field(description="The person with this number; empty if none (数据)")
    reports: list[IdNumberReportRead] = Field(
        description="Reports of this number that are not recorded (报送记录)"
    )


class DataState(BaseModel):
    """Processing state of a person's data (处理状态)."""

    staff_no: str = Field(description="Staff number (工号)", examples=["T000001"])
    restricted_at: LocalTime | None = Field(
        description="Time of restriction (限制处理时间)", examples=["2026-03-02T09:30:00+08:00"]
    )
    erased_at: LocalTime | None = Field(
        description="Time of erasure (删除时间)", examples=["2026-03-02T09:30:00+08:00"]
    )


class PersonRecord(StaffRead):
    """The complete record of a person in the registry (登记信息)."""

    bureau_code: str = Field(description="Code of the bureau (教育局代码)", examples=["620180"])
    school_name: str | None = Field(
        description="Name of the school (学校名称)", examples=["示例小学"]
    )
    id_number: str | None = Field(
        description="Complete ID number; null if none is recorded, or after erasure (完整身份证号)",
        examples=["11010519491231002X"],
    )
    restricted_at: datetime | None = Field(description="Time of restriction (限制处理时间)")
    restricted_reason: str | None = Field(
        description="Reason for the restriction (限制理由)",
        examples=["本人提出异议，核实期间限制处理"],
    )
    erased_at: datetime | None = Field(description="Time of erasure (删除时间)")


class ReportedNumber(BaseModel):
    """An ID number reported for the person and not recorded (报送的身份证号)."""

    id_number: str = Field(
        description="Complete ID number (完整身份证号)", examples=["11010519491231002X"]
    )
    state: str = Field(description="State of the report (状态)", examples=["open"])
    reported_at: LocalTime = Field(description="Time of the report (报送时间)")


class HeldElsewhere(BaseModel):
    """Data of the person in another service (其他服务保存的信息)."""

    service: str = Field(description="Name of the service (服务)", examples=["appraisal"])
    holds: str = Field(
        description="Description of the data, in the request's language (内容)",
        examples=["年度考核名册（姓名、工号、单位、岗位）、评分与结果"],
    )
    until: str = Field(
        description="Retention period and its legal basis (保存期限与依据)",
        examples=["属人事档案材料，按档案保管期限保存"],
    )
    records: dict[str, list[dict[str, Any]]] = Field(
        description="Records by resource, as documented by that service (记录)",
        examples=[{"scores": [{"year": 2025, "virtue": 92}]}],
    )
    events: list[HeldEvent] = Field(description="Changes and accesses, in order (变更与查阅记录)")


class PersonalData(BaseModel):
    """All data of a person on the platform, in one file (个人信息副本)."""

    exported_on: date = Field(description="Day of this copy (导出日期)", examples=["2026-03-01"])
    person: PersonRecord = Field(description="The record (登记信息)")
    reported_numbers: list[ReportedNumber] = Field(
        description="ID numbers reported for the person and not recorded (报送的身份证号)"
    )
    assignments: list[AssignmentRead] = Field(description="Present and past assignments (任职)")
    events: list[HeldEvent] = Field(description="Changes and accesses, in order (变更与查阅记录)")
    elsewhere: list[HeldElsewhere] = Field(description="Data in other services (其他服务)")


class RotationRead(BaseModel):
    """Progress of a key rotation (轮换进度)."""

    id: UUID = Field(description="Opaque id")
    state: str = Field(description="`running` or `completed` (状态)", examples=["completed"])
    target_key: str = Field(
        description="Key that is applied to all rows (目标密钥)", examples=["k2"]
    )
    rows_changed: int = Field(description="Rows re-encrypted so far (已处理)", examples=[4200])
    passes: int = Field(description="Passes over the table (遍数)", examples=[1])
    started_by: str = Field(
        description="Login name of the initiator (发起人)", examples=["secadmin"]
    )
    created_at: LocalTime = Field(description="Start (开始时间)")
    finished_at: LocalTime | None = Field(
        description="End (完成时间)", examples=["2026-03-02T09:30:00+08:00"]
    )


class KeyUse(BaseModel):
    """A key and the rows that need it (密钥使用)."""

    key: str = Field(description="Name of the key (密钥名)", examples=["k1"])
    rows: int = Field(description="ID numbers encrypted with it (记录数)", examples=[4200])
    is_current: bool = Field(
        description="True if new values are encrypted with it (当前密钥)", examples=[True]
    )
    is_in_ring: bool = Field(
        description="True if this process has it; required while rows > 0 (本进程是否持有)",
        examples=[True],
    )


class KeysRead(BaseModel):
    """The keys of personal data, by name only (密钥状态)."""

    keys: list[KeyUse] = Field(description="Keys in the ring or in use (密钥)")
    rotation: RotationRead | None = Field(description="Latest rotation (最近一次轮换)")
