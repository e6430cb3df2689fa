"""Options of an import."""

from collections.abc import Mapping
from typing import Literal, TypedDict

Operation = Literal["insert", "upsert", "replace"]
Mode = Literal["all_or_nothing", "valid_rows"]


class ImportOptions(TypedDict, total=False):
    """Options of an import; omitted ones have defaults or are detected from the file.

    Attributes:
        cycle: appraisal year, for resources that belong to one; the client looks up its id.
        within: parent of the rows by id (`{"cycle_id": …}`), in place of `cycle`.
        operation: `upsert` creates and updates; `insert` refuses existing rows; `replace` also
            removes stored rows that are missing from the file.
        mode: `all_or_nothing`, or `valid_rows` to store the valid rows only.
        dry_run: check only; `commit` applies it later.
        allow_shrink: allow `replace` to remove more than a fifth of the stored rows.
        column_mapping: field by column header, None to ignore the column.
        value_mapping: for each field, value by the word of the file, None for an empty cell.
        ignore_unknown_columns: ignore columns that are no field.
        like: id of an earlier import whose mappings are taken over.
        format: `csv`, `ndjson` or `xlsx`.
        encoding: text encoding: `utf-8`, `gb18030`, `utf-16-le`, `utf-16-be`, `big5` or
            `windows-1252`.
        delimiter: column delimiter of CSV.
        sheet: name of the worksheet.
    """

    cycle: int
    within: Mapping[str, str]
    operation: Operation
    mode: Mode
    dry_run: bool
    allow_shrink: bool
    column_mapping: Mapping[str, str | None]
    value_mapping: Mapping[str, Mapping[str, str | None]]
    ignore_unknown_columns: bool
    like: str
    format: str
    encoding: str
    delimiter: str
    sheet: str
