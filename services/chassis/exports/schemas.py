"""Schemas of exports (导出任务)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.exports.kind import ExportState
from services.chassis.files.formats import Compress
from services.chassis.schemas.examples import SHA256
from services.chassis.schemas.fields import Id
from services.chassis.schemas.strict_bodies import Body

Format = Literal["csv", "ndjson", "xlsx"]


class ExportOptions(Body):
    """Options of an export (导出选项)."""

    resource: str = Field(
        max_length=100,
        description="List of this service, as in paths (资源)",
        examples=["staff"],
    )
    within: dict[str, Id] = Field(
        {},
        max_length=10,
        description="Parents of the rows, by their names in the list's path (所属)",
        examples=[{"cycle_id": "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"}],
    )
    query: dict[str, Any] = Field(
        {},
        max_length=100,
        description="Filters, order and fields: the list's own query parameters, as JSON of the "
        "field's type or as text; repeated ones as a list (筛选、排序与字段)",
        examples=[{"status": "active", "q": "王", "sort": "name", "fields": "staff_no,name"}],
    )
    format: Format = Field(description="Format of the file (格式)", examples=["csv"])
    compress: Compress = Field(
        "none", description="`gzip` compresses csv and ndjson (压缩)", examples=["gzip"]
    )
    bom: bool = Field(False, description="Start CSV with a byte order mark, for Excel (字节序标记)")


class ExportRead(BaseModel):
    """An export (导出任务)."""

    id: UUID = Field(description="Opaque id (标识)")
    resource: str = Field(title="资源", description="Resource", examples=["staff"])
    within: dict[str, UUID] = Field(description="Parents of the rows (所属)", examples=[{}])
    query: dict[str, Any] = Field(
        description="Filters, order and fields (筛选、排序与字段)",
        examples=[{"status": ["active"]}],
    )
    format: Format = Field(title="格式", description="Format of the file", examples=["csv"])
    compress: Literal["none", "gzip"] = Field(
        title="压缩", description="Compression of the file", examples=["gzip"]
    )
    bom: bool = Field(description="True if CSV starts with a byte order mark (字节序标记)")
    state: ExportState = Field(
        title="状态",
        description="`queued`, then `running`; it ends `completed`, `failed` (see `problem`) or "
        "`cancelled`",
        examples=["completed"],
    )
    file_name: str = Field(
        title="文件名",
        description="Name of the downloaded file",
        examples=["staff-20260105-0900.csv.gz"],
    )
    rows: int | None = Field(
        title="行数", description="Number of rows, once complete", examples=[4200]
    )
    bytes: int = Field(title="字节数", description="Size of the file so far", examples=[389012])
    sha256: str | None = Field(
        title="校验和", description="SHA-256 of the complete file", examples=[SHA256]
    )
    waits_for: str | None = Field(
        title="等待原因",
        description="Code of the outage that it is waiting for, such as `platform.storage_full`; "
        "it continues automatically",
        examples=["platform.storage_full"],
    )
    problem: dict[str, Any] | None = Field(
        description="Reason for the failure, as problem details (失败原因)",
        examples=[{"code": "platform.storage_full", "status": 507}],
    )
    created_by: str = Field(description="Login name or client (导出人)", examples=["admin@620123"])
    created_at: datetime = Field(title="创建时间", description="When it was created (创建时间)")
    started_at: datetime | None = Field(
        title="开始时间", description="When its processing began (开始时间)"
    )
    finished_at: datetime | None = Field(
        title="结束时间", description="When its processing ended (结束时间)"
    )
    expires_at: datetime = Field(title="文件保留至", description="End of availability")
    is_expired: bool = Field(title="已过期", description="True if the file is deleted")
    version: int = Field(description="Number of the current version", examples=[3])
