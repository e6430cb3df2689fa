"""What imports look like over HTTP (导入任务)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.notices import NoticeRead
from services.chassis.schemas.examples import SHA256
from services.chassis.schemas.fields import Id
from services.chassis.schemas.strict_bodies import Body

Operation = Literal["insert", "upsert", "replace"]
Mode = Literal["all_or_nothing", "valid_rows"]
Encoding = Literal["utf-8", "gb18030", "utf-16-le", "utf-16-be"]
Format = Literal["csv", "ndjson", "xlsx"]


class ReadingOptions(Body):
    """How a file is to be read; what is left out is found out (读取选项)."""

    resource: str = Field(
        description="What is imported, as `import-templates` lists it (资源)", examples=["staff"]
    )
    format: Format | None = Field(
        None, description="By default by name and content (格式)", examples=["csv"]
    )
    encoding: Encoding | None = Field(
        None, description="Of text; by default found out (编码)", examples=["gb18030"]
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        None, description="Of CSV; by default found out (分隔符)", examples=[","]
    )
    sheet: str | None = Field(
        None,
        max_length=100,
        description="Of a workbook; by default the first visible one (工作表)",
        examples=["Sheet1"],
    )
    column_mapping: dict[str, str | None] = Field(
        {},
        max_length=100,
        description="Header of the file: field, or null to pass the column over (列对应)",
        examples=[{"职工编号": "staff_no", "备注": None}],
    )
    within: dict[str, Id] = Field(
        {},
        description="What the rows belong to, where a resource needs it (所属)",
        examples=[{"cycle_id": "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"}],
    )
    file_name: str | None = Field(
        None, max_length=255, description="Tells the format by its ending (文件名)"
    )


class ImportOptions(ReadingOptions):
    """What is to be done with a file (导入选项)."""

    operation: Operation = Field(
        "upsert",
        description="`insert` refuses rows that exist; `upsert` changes them; `replace` also "
        "removes stored rows that the file does not have (方式)",
    )
    mode: Mode = Field(
        "all_or_nothing",
        description="`valid_rows` stores the good rows and leaves the faulty ones (错误行处理)",
    )
    dry_run: bool = Field(
        False, description="Only check; `:commit` applies it later without another upload (试运行)"
    )
    allow_shrink: bool = Field(
        False,
        description="`replace` may remove more than a fifth of the stored rows (允许大量移除)",
    )
    size: int | None = Field(None, ge=0, description="Of the file, in bytes (大小)")
    sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="Of the file; refused if what arrives is something else (校验和)",
    )


class Progress(BaseModel):
    """What has become of the rows so far; unprocessed ones are the rest (进度)."""

    bytes: int = Field(description="Read of the file (已读字节)", examples=[104857])
    rows: int = Field(description="Data rows found (数据行数)", examples=[4200])
    created: int = Field(description="New (新增)", examples=[4100])
    updated: int = Field(description="Changed (更新)", examples=[60])
    unchanged: int = Field(description="Equal to the stored ones (未变)", examples=[30])
    failed: int = Field(description="Faulty (错误)", examples=[10])
    unprocessed: int = Field(
        description="Not applied: not yet, or never when the import has ended (未处理)",
        examples=[0],
    )
    removed: int = Field(
        description="Stored rows that `replace` has removed, or after a dry run without faults "
        "would (移除)",
        examples=[0],
    )
    kept: dict[str, int] = Field(
        description="Stored rows that the file lacks and `replace` has kept, by reason: `in_use`, "
        "or `restricted` persons, of whom only an importer who sees them is told. Rows that the "
        "importer cannot see are neither removed nor counted (保留)",
        examples=[{"in_use": 2}],
    )


class FaultCounts(BaseModel):
    """How many faults the rows have (错误数)."""

    count: int = Field(description="All of them (总数)", examples=[12])
    listed: int = Field(
        description="So many of them, the first ones, can be read at `…/faults`, once the import "
        "has ended; all faulty rows are in `…/failed-rows` (可列出)",
        examples=[12],
    )
    by_code: dict[str, int] = Field(
        description="How many there are of each code (按代码)",
        examples=[{"school.unknown": 12}],
    )
    is_complete: bool = Field(
        description="False when nothing is stored for more faults than can be listed: then each "
        "row was checked by itself, and not beside other rows and stored ones (是否全面检查)",
        examples=[True],
    )


class ImportRead(BaseModel):
    """An import (导入任务)."""

    id: UUID = Field(description="Opaque id (标识)")
    resource: str = Field(title="资源", description="What is imported", examples=["staff"])
    operation: Operation = Field(title="方式", description="What is done with the rows")
    mode: Mode = Field(title="错误行处理", description="What is done about faulty rows")
    dry_run: bool = Field(title="试运行", description="Whether nothing is stored")
    state: ImportState = Field(
        title="状态",
        description="`open` waits for the file, `queued` for its turn; then `validating` and "
        "`loading`; it ends `completed`, `failed` (see `problem`) or `cancelled`",
        examples=["completed"],
    )
    within: dict[str, UUID] = Field(description="What the rows belong to (所属)", examples=[{}])
    file_name: str | None = Field(description="As it was given (文件名)", examples=["staff.csv"])
    size: int | None = Field(description="Bytes of the file (大小)", examples=[389012])
    received: int = Field(description="Bytes that have arrived (已接收)", examples=[389012])
    sha256: str | None = Field(title="校验和", description="Of the file", examples=[SHA256])
    format: Format | None = Field(description="What the file is (格式)", examples=["csv"])
    encoding: str | None = Field(description="Of its text (编码)", examples=["utf-8"])
    columns: list[dict[str, str | None]] = Field(
        description="Header and field of each column; null for those passed over (列)",
        examples=[[{"header": "工号", "field": "staff_no"}]],
    )
    progress: Progress = Field(description="What has become of the rows (进度)")
    notices: list[NoticeRead] = Field(
        description="What to know although no row is faulty (提示)", examples=[[]]
    )
    faults: FaultCounts = Field(description="How many faults the rows have (错误数)")
    rows_per_second: float | None = Field(description="So far (每秒行数)", examples=[35000.0])
    estimated_end_at: datetime | None = Field(
        description="While it runs, at the rate so far (预计结束)",
        examples=["2026-03-02T09:30:00+08:00"],
    )
    waits_for: str | None = Field(
        title="等待原因",
        description="The code of the outage that it waits out, `platform.storage_full` for "
        "instance: it goes on by itself",
        examples=["platform.storage_full"],
    )
    problem: dict[str, Any] | None = Field(
        description="Why it failed, as problem details (失败原因)",
        examples=[{"code": "platform.storage_full", "status": 507}],
    )
    created_by: str = Field(description="Who imports (导入人)", examples=["admin@620123"])
    created_at: datetime = Field(title="创建时间", description="When it was created (创建时间)")
    started_at: datetime | None = Field(
        title="开始时间", description="When its processing began (开始时间)"
    )
    finished_at: datetime | None = Field(
        title="结束时间", description="When its processing ended (结束时间)"
    )
    expires_at: datetime = Field(
        title="文件保留至", description="Until then file, faults and results can be fetched"
    )
    is_expired: bool = Field(title="已过期", description="Whether they are gone")
    version: int = Field(description="Counts changes", examples=[7])


class FaultRead(BaseModel):
    """One fault of one row (错误)."""

    row: int = Field(
        description="As a spreadsheet counts; the header is row 1 (行号)", examples=[17]
    )
    field: str = Field(
        description="The field to blame; empty for the row (字段)", examples=["school_code"]
    )
    code: str = Field(description="Stable code (代码)", examples=["id_number.checksum"])
    message: str = Field(
        description="In the request's language (说明)", examples=["学校标识码不存在"]
    )
    params: dict[str, Any] = Field(
        description="Values used in the message (参数)", examples=[{"value": "2162999999"}]
    )


class FieldRead(BaseModel):
    """A field of a resource (字段)."""

    field: str = Field(description="Its name (字段名)", examples=["staff_no"])
    title_zh: str = Field(description="Chinese title (中文名)", examples=["工号"])
    title_en: str = Field(description="English title (英文名)", examples=["Staff no"])
