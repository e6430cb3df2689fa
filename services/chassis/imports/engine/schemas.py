"""Schemas of imports (导入任务)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.notices import NoticeRead
from services.chassis.imports.headers.layout import MAX_COLUMNS
from services.chassis.imports.headers.notes import PassReason
from services.chassis.schemas.examples import SHA256
from services.chassis.schemas.fields import Id
from services.chassis.schemas.strict_bodies import Body

Operation = Literal["insert", "upsert", "replace"]
Mode = Literal["all_or_nothing", "valid_rows"]
Encoding = Literal["utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5", "windows-1252"]
Format = Literal["csv", "ndjson", "xlsx"]


class ReadingOptions(Body):
    """Options for reading a file; omitted ones are detected (读取选项)."""

    resource: str = Field(
        description="Resource, as listed by `import-templates` (资源)", examples=["staff"]
    )
    format: Format | None = Field(
        None, description="Format; detected by name and content if absent (格式)", examples=["csv"]
    )
    encoding: Encoding | None = Field(
        None, description="Encoding of text; detected if absent (编码)", examples=["gb18030"]
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        None, description="Delimiter of CSV; detected if absent (分隔符)", examples=[","]
    )
    sheet: str | None = Field(
        None,
        max_length=100,
        description="Sheet of a workbook; the first visible one if absent (工作表)",
        examples=["Sheet1"],
    )
    column_mapping: dict[str, str | None] = Field(
        {},
        max_length=MAX_COLUMNS,
        description="Field for each header of the file; null skips the column (列对应)",
        examples=[{"职工编号": "staff_no", "备注": None}],
    )
    value_mapping: dict[str, dict[str, str | None]] = Field(
        {},
        max_length=MAX_COLUMNS,
        description="For each field, the value that a word of the file stands for; null is an "
        "empty cell (值对应)",
        examples=[{"school_type": {"完小": "211", "教学点": "218"}}],
    )
    ignore_unknown_columns: bool = Field(
        False,
        description="Skips columns that are no field; `reading` names them (忽略未知列)",
    )
    like: Id | None = Field(
        None,
        description="Id of an earlier import of the resource whose mappings and reading options "
        "are taken over; options that are given outweigh them (沿用)",
        examples=["0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"],
    )
    within: dict[str, Id] = Field(
        {},
        description="Parents of the rows, if the resource requires them (所属)",
        examples=[{"cycle_id": "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"}],
    )
    file_name: str | None = Field(
        None, max_length=255, description="File name; its extension indicates the format (文件名)"
    )


class ImportOptions(ReadingOptions):
    """Options of an import (导入选项)."""

    operation: Operation = Field(
        "upsert",
        description="`insert` refuses rows that exist; `upsert` changes them; `replace` also "
        "removes stored rows that the file does not have (方式)",
    )
    mode: Mode = Field(
        "all_or_nothing",
        description="`valid_rows` stores the good rows and skips the faulty ones (错误行处理)",
    )
    dry_run: bool = Field(
        False, description="Only check; `:commit` applies it later without a new upload (试运行)"
    )
    allow_shrink: bool = Field(
        False,
        description="Lets `replace` remove more than a fifth of the stored rows (允许大量移除)",
    )
    size: int | None = Field(None, ge=0, description="Size of the file in bytes (大小)")
    sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the file; a different upload is refused (校验和)",
    )


class Progress(BaseModel):
    """Counts of the rows so far; unprocessed ones are the rest (进度)."""

    bytes: int = Field(description="Bytes of the file that were read (已读字节)", examples=[104857])
    rows: int = Field(description="Data rows found (数据行数)", examples=[4200])
    created: int = Field(description="Rows created (新增)", examples=[4100])
    updated: int = Field(description="Rows updated (更新)", examples=[60])
    unchanged: int = Field(description="Rows equal to the stored ones (未变)", examples=[30])
    failed: int = Field(description="Faulty rows (错误)", examples=[10])
    unprocessed: int = Field(
        description="Rows not applied yet, or, once the import has ended, never (未处理)",
        examples=[0],
    )
    removed: int = Field(
        description="Stored rows that `replace` has removed or, after a dry run without faults, "
        "would remove (移除)",
        examples=[0],
    )
    kept: dict[str, int] = Field(
        description="Stored rows that the file lacks and `replace` has kept, by reason: `in_use`, "
        "or `restricted` persons (shown only to an importer who sees them). Rows that the "
        "importer cannot see are neither removed nor counted (保留)",
        examples=[{"in_use": 2}],
    )


class FaultCounts(BaseModel):
    """Numbers of faults (错误数)."""

    count: int = Field(description="Number of all faults (总数)", examples=[12])
    listed: int = Field(
        description="Number of faults, from the first on, listed by `…/faults` once the import has "
        "ended; all faulty rows are in `…/failed-rows` (可列出)",
        examples=[12],
    )
    by_code: dict[str, int] = Field(
        description="Number of faults by code (按代码)",
        examples=[{"school.unknown": 12}],
    )
    is_complete: bool = Field(
        description="False if nothing is stored because there are more faults than can be listed: "
        "each row was then checked by itself, not against other or stored rows (是否全面检查)",
        examples=[True],
    )


class OtherSheet(BaseModel):
    """A sheet that holds data and is not read (其他工作表)."""

    name: str = Field(description="Name of the sheet (名称)", examples=["第二小学"])
    is_hidden: bool = Field(description="True if it is hidden (隐藏)", examples=[False])
    has_header: bool = Field(
        description="True if it has the key columns and could be imported, too (有表头)",
        examples=[True],
    )


class RowPlaces(BaseModel):
    """A number of rows, and the first of them (行)."""

    count: int = Field(description="Number of rows (行数)", examples=[3])
    first: list[int] = Field(
        description="Numbers of the first 20 rows, as in a spreadsheet (行号)",
        examples=[[2, 15, 31]],
    )


class PassedRows(RowPlaces):
    """Rows that are no data (未读取的行)."""

    reason: PassReason = Field(
        description="`section`, `total`, `note`, `header` (printed again), `numbering` (of the "
        "columns) or `unfilled` (nothing in any field) (原因)",
        examples=["section"],
    )


class ReadingRead(BaseModel):
    """Sheet, rows and columns of a file that are read or not (读取情况)."""

    sheet: str | None = Field(description="Sheet of a workbook (工作表)", examples=["第一小学"])
    other_sheets: list[OtherSheet] = Field(
        description="Sheets that hold data and are not read (其他工作表)"
    )
    header_rows: list[int] = Field(description="Rows of the header (表头行)", examples=[[3]])
    hidden_rows: RowPlaces = Field(
        description="Rows that are hidden or filtered in the sheet, and read all the same (隐藏行)"
    )
    columns_passed_over: list[str] = Field(
        description="Headers of columns that are not read (未读取的列)", examples=[["备注"]]
    )
    rows_passed_over: list[PassedRows] = Field(
        description="Rows that are no data, once all rows are checked; not among the counts "
        "(未读取的行)"
    )


class ImportRead(BaseModel):
    """An import (导入任务)."""

    id: UUID = Field(description="Opaque id (标识)")
    resource: str = Field(title="资源", description="Resource", examples=["staff"])
    operation: Operation = Field(title="方式", description="Operation on the rows")
    mode: Mode = Field(title="错误行处理", description="Treatment of faulty rows")
    dry_run: bool = Field(title="试运行", description="True if nothing is stored")
    state: ImportState = Field(
        title="状态",
        description="`open` waits for the file, `queued` for its turn; then `validating` and "
        "`loading`; it ends `completed`, `failed` (see `problem`) or `cancelled`",
        examples=["completed"],
    )
    within: dict[str, UUID] = Field(description="Parents of the rows (所属)", examples=[{}])
    file_name: str | None = Field(
        description="Name of the file as sent (文件名)", examples=["staff.csv"]
    )
    size: int | None = Field(description="Size of the file in bytes (大小)", examples=[389012])
    received: int = Field(description="Bytes received (已接收)", examples=[389012])
    sha256: str | None = Field(title="校验和", description="SHA-256 of the file", examples=[SHA256])
    format: Format | None = Field(description="Format of the file (格式)", examples=["csv"])
    encoding: str | None = Field(description="Encoding of its text (编码)", examples=["utf-8"])
    columns: list[dict[str, str | None]] = Field(
        description="Header and field of each column; null for skipped ones (列)",
        examples=[[{"header": "工号", "field": "staff_no"}]],
    )
    reading: ReadingRead | None = Field(
        description="What is read of the file; null before it was looked at (读取情况)",
        examples=[None],
    )
    progress: Progress = Field(description="Progress (进度)")
    notices: list[NoticeRead] = Field(
        description="Notices that concern no faulty row (提示)", examples=[[]]
    )
    faults: FaultCounts = Field(description="Numbers of faults (错误数)")
    rows_per_second: float | None = Field(
        description="Rows per second so far (每秒行数)", examples=[35000.0]
    )
    estimated_end_at: datetime | None = Field(
        description="Estimated end at the rate so far, while it runs (预计结束)",
        examples=["2026-03-02T09:30:00+08:00"],
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
    created_by: str = Field(description="Login name or client (导入人)", examples=["admin@620123"])
    created_at: datetime = Field(title="创建时间", description="When it was created (创建时间)")
    started_at: datetime | None = Field(
        title="开始时间", description="When its processing began (开始时间)"
    )
    finished_at: datetime | None = Field(
        title="结束时间", description="When its processing ended (结束时间)"
    )
    expires_at: datetime = Field(
        title="文件保留至", description="End of availability of file, faults and results"
    )
    is_expired: bool = Field(title="已过期", description="True if they are deleted")
    version: int = Field(description="Number of the current version", examples=[7])


class FaultRead(BaseModel):
    """One fault of one row (错误)."""

    row: int = Field(
        description="Row number as in a spreadsheet; the header is row 1 (行号)", examples=[17]
    )
    field: str = Field(
        description="Faulty field; empty if the fault concerns the whole row (字段)",
        examples=["school_code"],
    )
    code: str = Field(description="Stable code (代码)", examples=["id_number.checksum"])
    message: str = Field(
        description="Message in the request's language (说明)", examples=["学校标识码不存在"]
    )
    params: dict[str, Any] = Field(
        description="Values used in the message (参数)", examples=[{"value": "2162999999"}]
    )


class FieldRead(BaseModel):
    """A field of a resource (字段)."""

    field: str = Field(description="Name of the field (字段名)", examples=["staff_no"])
    title_zh: str = Field(description="Chinese title (中文名)", examples=["工号"])
    title_en: str = Field(description="English title (英文名)", examples=["Staff no"])
