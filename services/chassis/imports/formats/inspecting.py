"""Inspection of a file before its rows are read: format, encoding, delimiter, header."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.chassis.core.errors import Fault, Invalid
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.declaration.file_problems import FileEmpty
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.first_records import HEAD, first_records
from services.chassis.imports.formats.header_rows import Header, header_of
from services.chassis.imports.formats.readable import Readable, Wishes, make_readable
from services.chassis.imports.formats.report import report_of
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.headers.layout import (
    Layout,
    layout_of_ndjson,
    layout_of_table,
    unknown_columns,
)
from services.chassis.imports.headers.unnamed import column_without_header


class Inspected(NamedTuple):
    """The result of an inspection.

    Attributes:
        layout: how to read it.
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of the text in the upload; none of a workbook.
        is_rewritten: whether `rows`, not the upload, is to be read.
        reading: what is read and what is not, for the job (see `report`).
    """

    layout: Layout
    format: str
    encoding: str | None
    is_rewritten: bool
    reading: dict[str, Any]


def inspect(
    spec: ImportSpec, upload: EncryptedFile, rows: EncryptedFile, wishes: Wishes, most_bytes: int
) -> Inspected:
    """Find out how to read an upload.

    Args:
        spec: what is imported.
        upload: the file as it came.
        rows: where it is written down as UTF-8 or cells when it is not so already.
        wishes: what the caller says of it.
        most_bytes: what it may unpack to.

    Raises:
        AppError: it cannot be read, or not as what it is said to be.
    """
    names = ColumnNames(spec, wishes.column_mapping)
    file = make_readable(upload, rows, wishes, most_bytes, names)
    layout, rows_of_header = _layout_of(spec, names, file, wishes)
    unknown = unknown_columns(spec, layout, wishes.column_mapping)
    reading = report_of(file.sheets, layout, rows_of_header, unknown)
    return Inspected(layout, file.format, file.encoding, file.is_rewritten, reading)


def _layout_of(
    spec: ImportSpec, names: ColumnNames, file: Readable, wishes: Wishes
) -> tuple[Layout, list[int]]:
    """The layout of a file, and the rows of its header."""
    mapping, takes_unknown = wishes.column_mapping, wishes.ignore_unknown_columns
    values = {"values": wishes.value_mapping}
    if file.form == "ndjson":
        layout = layout_of_ndjson(spec, mapping, takes_unknown=takes_unknown)
        return layout.model_copy(update={"offset": file.offset} | values), []
    header = header_of(names, file, wishes.delimiter)
    layout = layout_of_table(spec, header.columns, mapping, header.row, takes_unknown=takes_unknown)
    _require_rows(file, header)
    if faults := data_without_header(file, header, layout.unnamed):
        raise Invalid(faults)
    merged = file.sheets.merged if file.sheets else []
    update = header.place | values | {"form": file.form, "merged": merged}
    return layout.model_copy(update=update), [header.row, header.last_row]


def data_without_header(file: Readable, header: Header, unnamed: Sequence[int]) -> list[Fault]:
    """A fault for each column without a name that has data in the first rows.

    What stands further down is found with its row.
    """
    if not unnamed:
        return []
    head = file.source.read(header.end, HEAD)
    records = first_records(head, file.form, header.delimiter)
    found: dict[int, Fault] = {}
    for row, record in enumerate(records, header.last_row + 1):
        if sum(map(bool, record.cells)) <= len(unnamed):
            continue  # a note rather than data
        for index in unnamed:
            if index < len(record.cells) and record.cells[index]:
                found.setdefault(index, column_without_header(index, record.cells[index], row))
    return [*found.values()]


def _require_rows(file: Readable, header: Header) -> None:
    """Refuse a file that has nothing but its header, such as a template not filled in.

    Raises:
        FileEmpty: it is so.
    """
    rest = file.source.read(header.end, HEAD)
    if len(rest) < HEAD and not rest.strip(b"\r\n \t,;|"):
        raise FileEmpty
