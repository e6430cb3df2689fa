"""Columns of a previewed file, and the fields that they may be."""

from typing import NamedTuple

import orjson

from services.chassis.core.errors import Fault, Invalid
from services.chassis.imports.checks.reading import UNKNOWN_FIELD, read_rows
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.header_rows import header_of
from services.chassis.imports.formats.readable import Readable, Wishes
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.headers.header_matching import Suggestion, suggest_fields
from services.chassis.imports.headers.layout import (
    MISSING_COLUMN,
    Layout,
    findings_of,
    is_passed_over,
    layout_of_ndjson,
)
from services.chassis.imports.headers.unnamed import unnamed_columns
from services.chassis.imports.previews.beginning import beginning_of


class SeenColumn(NamedTuple):
    """A column, or a key of NDJSON.

    Attributes:
        header: as the file names it.
        field: what it is taken for.
        is_ignored: whether it says nothing, and may be there.
        suggestions: what it may be, when it is neither.
    """

    header: str
    field: str | None
    is_ignored: bool
    suggestions: list[Suggestion]


class Head(NamedTuple):
    """The columns of a file and their faults.

    Attributes:
        layout: how the rows are read.
        columns: in the order of the file.
        rows: first and last row of the header; none of NDJSON.
        faults: of the header, each with its row and column, except that something is missing.
    """

    layout: Layout
    columns: list[SeenColumn]
    rows: list[int]
    faults: list[Fault]


def head_of(spec: ImportSpec, names: ColumnNames, file: Readable, wishes: Wishes) -> Head:
    """The columns of a file.

    Raises:
        FileEmpty: it is.
        Invalid: there are more columns than any table has, or its lines do not end.
    """
    if file.form == "ndjson":
        return _head_of_lines(spec, file, wishes)
    header = header_of(names, file, wishes.delimiter)
    mapping, takes_unknown = wishes.column_mapping, wishes.ignore_unknown_columns
    fields, faults = findings_of(
        spec, header.columns, mapping, header.row, takes_unknown=takes_unknown
    )
    if len(fields) < len(header.columns):
        raise Invalid(faults)
    columns = [
        _column(spec, name, field, fields, takes_unknown or is_passed_over(spec, name, mapping))
        for name, field in zip(header.columns, fields, strict=True)
    ]
    layout = Layout(
        form=file.form,
        header=header.columns,
        fields=fields,
        unnamed=[] if takes_unknown else unnamed_columns(header.columns, mapping),
        merged=file.sheets.merged if file.sheets else [],
        values=wishes.value_mapping,
        **header.place,
    )
    shown = [fault for fault in faults if fault.code != MISSING_COLUMN]
    return Head(layout, columns, [header.row, header.last_row], shown)


def _head_of_lines(spec: ImportSpec, file: Readable, wishes: Wishes) -> Head:
    """The keys of the first lines; an unknown one is reported where it first occurs."""
    takes_unknown = wishes.ignore_unknown_columns
    layout = layout_of_ndjson(spec, wishes.column_mapping, takes_unknown=takes_unknown)
    layout = layout.model_copy(update={"offset": file.offset, "values": wishes.value_mapping})
    part, content = beginning_of(file, layout)
    first_rows: dict[str, int] = {}
    for number, line in read_rows(content, part, layout).items():
        for key in _keys(line):
            first_rows.setdefault(key, number)
    fields = [layout.names.get(key) for key in first_rows]
    columns = [
        _column(spec, key, field, fields, layout.is_ignored(key))
        for key, field in zip(first_rows, fields, strict=True)
    ]
    unknown = [one.header for one in columns if one.field is None and not one.is_ignored]
    faults = [
        Fault(key, "extra_forbidden", UNKNOWN_FIELD, {"row": first_rows[key], "column": key})
        for key in unknown
    ]
    # They are reported once; the rows are shown all the same.
    layout = layout.model_copy(update={"ignored": [*layout.ignored, *unknown]})
    return Head(layout, columns, [], faults)


def _column(
    spec: ImportSpec, header: str, field: str | None, fields: list[str | None], is_ignored: bool
) -> SeenColumn:
    is_unknown = field is None and not is_ignored
    suggestions = suggest_fields(spec, header, fields) if is_unknown else []
    return SeenColumn(header, field, is_ignored and field is None, suggestions)


def _keys(line: bytes) -> list[str]:
    """The keys of a line; none of one that is no JSON object."""
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        return []
    return list(values) if isinstance(values, dict) else []
