"""What one may say of an import."""

from collections.abc import Mapping
from typing import Literal, TypedDict

Operation = Literal["insert", "upsert", "replace"]
Mode = Literal["all_or_nothing", "valid_rows"]


class ImportOptions(TypedDict, total=False):
    """Options of an import; what is left out is as usual, or found out.

    Attributes:
        cycle: the appraisal year, for what belongs to one; the client looks up its id.
        within: what the rows belong to, by id (`{"cycle_id": …}`), in place of `cycle`.
        operation: `upsert` creates and changes; `insert` refuses rows that exist; `replace` also
            removes stored rows that the file does not have.
        mode: `all_or_nothing`, or `valid_rows` to store the good ones.
        dry_run: only check; `commit` applies it later.
        allow_shrink: let `replace` remove more than a fifth of the stored rows.
        column_mapping: field of a column with another header, None to pass it over.
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of text: `utf-8`, `gb18030`, `utf-16-le` or `utf-16-be`.
        delimiter: of CSV.
        sheet: of a workbook.
    """

    cycle: int
    within: Mapping[str, str]
    operation: Operation
    mode: Mode
    dry_run: bool
    allow_shrink: bool
    column_mapping: Mapping[str, str | None]
    format: str
    encoding: str
    delimiter: str
    sheet: str
