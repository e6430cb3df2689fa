"""Layout of a file: its form, and the field of each column or key."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.headers.column_names import MARK, ColumnMapping, ColumnNames
from services.chassis.imports.headers.header_matching import plain, suggest_fields
from services.chassis.imports.headers.unnamed import unnamed_columns

Form = Literal["csv", "ndjson", "cells"]
MAX_COLUMNS = 500
MISSING_COLUMN = "import.missing_column"
_UNKNOWN = Text("未知的列：{column}", "Unknown column: {column}")
_DID_YOU_MEAN = Text(
    "未知的列：{column}（是否为 {guess}？）", "Unknown column: {column} (did you mean {guess}?)"
)
_REPEATED = Text("列重复：{column}", "Repeated column: {column}")
_MISSING = Text("缺少列：{column}", "Missing column: {column}")
_TOO_MANY = Text("最多 {limit} 列", "At most {limit} columns")
NO_FIELD = Text("没有字段 {field}", "There is no field {field}")


class Layout(BaseModel):
    """The structure of a file, known before its first row is read.

    Attributes:
        form: how a record is written; `cells` is a workbook taken apart.
        delimiter: of CSV.
        header: the columns as the file names them; none of NDJSON.
        fields: the field of each column, None where the column is passed over.
        names: accepted keys of NDJSON, with their fields.
        ignored: accepted names that say nothing.
        unnamed: indices of columns without a name, which must not have data.
        merged: numbers of rows that are one merged cell.
        values: other words for the values of fields, by field.
        takes_unknown: whether unknown keys of NDJSON are passed over.
        offset: of the first record after the header.
        first_row: its row.
    """

    form: Form
    delimiter: str = ","
    header: list[str] = []
    fields: list[str | None] = []
    names: dict[str, str] = {}
    ignored: list[str] = []
    unnamed: list[int] = []
    merged: list[int] = []
    values: dict[str, dict[str, str | None]] = {}
    takes_unknown: bool = False
    offset: int = 0
    first_row: int = 1

    @property
    def present(self) -> list[str]:
        """The fields that a row of this file may have."""
        found = self.names.values() if self.form == "ndjson" else self.fields
        return [*dict.fromkeys(name for name in found if name)]

    def is_ignored(self, key: str) -> bool:
        """Whether a key says nothing, and may be there."""
        return self.takes_unknown or key.startswith(MARK) or key in self.ignored


class Findings(NamedTuple):
    """The fields and faults of a header.

    Attributes:
        fields: the field of each column, None where the column is unknown or passed over.
        faults: what is wrong with it.
    """

    fields: list[str | None]
    faults: list[Fault]


def findings_of(
    spec: ImportSpec,
    header: Sequence[str],
    mapping: ColumnMapping,
    row: int,
    *,
    takes_unknown: bool = False,
) -> Findings:
    """Which field each column of a table is, and what is wrong with its header.

    Args:
        spec: whose fields.
        header: the columns as the file names them.
        mapping: what the caller calls them.
        row: of the header.
        takes_unknown: whether unknown columns are passed over.
    """
    if len(header) > MAX_COLUMNS:
        params = {"row": row, "limit": MAX_COLUMNS}
        return Findings([], [Fault(f"/rows/{row}", "import.too_many_columns", _TOO_MANY, params)])
    faults = wrong_targets(spec, mapping)
    fields = [*map(ColumnNames(spec, mapping).field, header)]
    own = {fields[i] for i, column in enumerate(header) if not _is_alias(spec, column)}
    for index, column in enumerate(header):
        if fields[index] is None and not (takes_unknown or is_passed_over(spec, column, mapping)):
            faults.append(_unknown(spec, row, column))
        elif _is_alias(spec, column) and fields[index] in own:
            fields[index] = None  # the field itself is there, too
    faults += [
        _fault("import.repeated_column", _REPEATED, row, header[index])
        for index, field in enumerate(fields)
        if field and field in fields[:index]
    ]
    missing = [name for name in spec.key if name not in fields]
    faults += [_fault(MISSING_COLUMN, _MISSING, row, titled(spec, name)) for name in missing]
    return Findings(fields, faults)


def layout_of_table(
    spec: ImportSpec,
    header: Sequence[str],
    mapping: ColumnMapping,
    row: int,
    *,
    takes_unknown: bool = False,
) -> Layout:
    """The layout of a table with these columns; for the arguments see `findings_of`.

    Raises:
        Invalid: unknown, repeated or missing columns, all of them at once.
    """
    fields, faults = findings_of(spec, header, mapping, row, takes_unknown=takes_unknown)
    if faults:
        raise Invalid(faults)
    ignored = [column for column, field in zip(header, fields, strict=True) if field is None]
    unnamed = [] if takes_unknown else unnamed_columns(header, mapping)
    return Layout(form="csv", header=[*header], fields=fields, ignored=ignored, unnamed=unnamed)


def layout_of_ndjson(
    spec: ImportSpec, mapping: ColumnMapping, *, takes_unknown: bool = False
) -> Layout:
    """The layout of NDJSON, where every line names its fields itself.

    Raises:
        Invalid: the mapping leads to fields that do not exist.
    """
    if faults := wrong_targets(spec, mapping):
        raise Invalid(faults)
    names = spec.headers | {key: field for key, field in mapping.items() if field}
    ignored = [*spec.read_only, *(key for key, field in mapping.items() if field is None)]
    return Layout(form="ndjson", names=names, ignored=ignored, takes_unknown=takes_unknown)


def is_passed_over(spec: ImportSpec, column: str, mapping: ColumnMapping) -> bool:
    """Whether a column says nothing, and may be there."""
    ignored = {plain(name) for name in spec.read_only} | {""}
    return column in mapping or column.startswith(MARK) or plain(column) in ignored


def unknown_columns(spec: ImportSpec, layout: Layout, mapping: ColumnMapping) -> list[str]:
    """The columns of a table that are no field, and pass only because the caller wants that."""
    return [
        column
        for column, field in zip(layout.header, layout.fields, strict=True)
        if field is None and not is_passed_over(spec, column, mapping)
    ]


def _is_alias(spec: ImportSpec, column: str) -> bool:
    return plain(column) in {plain(alias) for alias in spec.aliases}


def wrong_targets(spec: ImportSpec, mapping: ColumnMapping) -> list[Fault]:
    """The targets of a mapping that are no fields."""
    return [
        Fault("/column_mapping", "import.unknown_field", NO_FIELD, {"field": field})
        for field in mapping.values()
        if field is not None and field not in spec.row.model_fields
    ]


def _unknown(spec: ImportSpec, row: int, column: str) -> Fault:
    guesses = suggest_fields(spec, column)
    if not guesses:
        return _fault("import.unknown_column", _UNKNOWN, row, column)
    title = titled(spec, guesses[0].field)
    return _fault("import.unknown_column", _DID_YOU_MEAN, row, column, guess=title)


def _fault(code: str, message: Text, row: int, column: str, **params: str) -> Fault:
    return Fault(f"/rows/{row}/{column}", code, message, {"row": row, "column": column} | params)


def titled(spec: ImportSpec, name: str) -> str:
    """A field as messages name it."""
    return f"{spec.row.model_fields[name].title} {name}"
