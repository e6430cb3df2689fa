"""Schemas of previews (预览)."""

from typing import Any

from pydantic import BaseModel, Field

from services.chassis.core.text import Text
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.earlier import EarlierRead
from services.chassis.imports.engine.notices import NoticeRead
from services.chassis.imports.engine.schemas import (
    Encoding,
    FaultRead,
    FieldRead,
    Format,
    ReadingRead,
)
from services.chassis.imports.previews.columns import SeenColumn
from services.chassis.imports.previews.preview import Preview, SeenFault

_MOST_FAULTS = 100


class SuggestionRead(FieldRead):
    """A field that a header probably means (建议)."""

    score: float = Field(description="Similarity from 0 to 1 (相似度)", examples=[0.67])


class PreviewColumn(BaseModel):
    """A column of the file, or a key of NDJSON (列)."""

    header: str = Field(description="Header in the file (表头)", examples=["职工编号"])
    field: str | None = Field(
        description="Matching field; null if there is none (对应字段)", examples=["staff_no"]
    )
    is_ignored: bool = Field(
        description="True if it is skipped; a column that has neither a field nor this is refused "
        "(忽略)",
        examples=[False],
    )
    suggestions: list[SuggestionRead] = Field(
        description="Suggested fields, the most likely first (建议)"
    )


class PreviewRow(BaseModel):
    """One of the first rows (数据行)."""

    row: int = Field(description="Row number as in a spreadsheet (行号)", examples=[2])
    cells: list[Any] = Field(
        description="Cells as in the file, one per column (原值)",
        examples=[["T000001", "王小明", "专业技术岗位"]],
    )
    values: dict[str, Any] = Field(
        description="Values by field; a faulty one as in the file (值)",
        examples=[{"staff_no": "T000001", "name": "王小明"}],
    )


class PreviewRead(BaseModel):
    """The beginning of a file, as an import would read it (预览)."""

    format: Format = Field(description="Format of the file (格式)", examples=["csv"])
    encoding: Encoding | None = Field(
        description="Encoding of its text (编码)", examples=["gb18030"]
    )
    delimiter: str | None = Field(description="Delimiter of CSV (分隔符)", examples=[","])
    sheets: list[str] = Field(description="Sheets of a workbook (工作表)", examples=[[]])
    sheet: str | None = Field(description="Sheet that is read (所读工作表)", examples=["教职工"])
    header_row: int | None = Field(description="Row of the header (表头行)", examples=[1])
    columns: list[PreviewColumn] = Field(description="Columns in the order of the file (列)")
    missing: list[FieldRead] = Field(
        description="Required fields that no column gives; without them rows can only be changed, "
        "and without the key not even that (缺少的必填字段)"
    )
    rows: list[PreviewRow] = Field(description="The first 20 rows (前 20 行)")
    rows_checked: int = Field(description="Number of rows checked (已检查行数)", examples=[2000])
    faults: list[FaultRead] = Field(
        description="The first 100 faults of the header and of those rows; what depends on other "
        "rows or on what is stored is found by the import only (错误)"
    )
    fault_count: int = Field(description="Number of faults (错误数)", examples=[0])
    reading: ReadingRead = Field(
        description="What is read of the file; rows that are passed over, of those checked "
        "(读取情况)"
    )
    notices: list[NoticeRead] = Field(
        description="Notices that concern no faulty row (提示)", examples=[[]]
    )
    earlier: EarlierRead | None = Field(
        description="The latest completed import of a file with this header whose mappings can be "
        "taken over with `like`; null if there is none (先前的导入)",
        examples=[None],
    )


def preview_read(spec: ImportSpec, found: Preview, earlier: EarlierRead | None) -> PreviewRead:
    """A preview in the request's language."""
    sheets = found.file.sheets
    return PreviewRead(
        format=found.file.format,
        encoding=found.file.encoding,
        delimiter=found.head.layout.delimiter if found.file.form == "csv" else None,
        sheets=sheets.names if sheets else [],
        sheet=sheets.read if sheets else None,
        header_row=found.head.rows[0] if found.head.rows else None,
        columns=[_column(spec, column) for column in found.head.columns],
        missing=[FieldRead(**_field(spec, name)) for name in found.missing],
        rows=[PreviewRow(row=row.number, cells=row.cells, values=row.values) for row in found.rows],
        rows_checked=found.judged,
        faults=[_fault(seen) for seen in found.faults[:_MOST_FAULTS]],
        fault_count=len(found.faults),
        reading=ReadingRead.model_validate(found.reading),
        notices=[_notice(one) for one in found.reading["notices"]],
        earlier=earlier,
    )


def _notice(kept: dict[str, Any]) -> NoticeRead:
    words = Text(kept["zh"], kept["en"])
    return NoticeRead(code=kept["code"], message=words.render(), rows=kept["rows"])


def _field(spec: ImportSpec, name: str) -> dict[str, str]:
    title = spec.title_of(name)
    return {"field": name, "title_zh": title.zh, "title_en": title.en}


def _column(spec: ImportSpec, seen: SeenColumn) -> PreviewColumn:
    suggestions = [
        SuggestionRead(**_field(spec, one.field), score=one.score) for one in seen.suggestions
    ]
    return PreviewColumn(
        header=seen.header,
        field=seen.field,
        is_ignored=seen.is_ignored,
        suggestions=suggestions,
    )


def _fault(seen: SeenFault) -> FaultRead:
    fault = seen.fault
    return FaultRead(
        row=seen.row,
        field=seen.field,
        code=fault.code,
        message=fault.message.render(**fault.params),
        params=fault.params,
    )
