"""Inspection of a file before its rows are read: format, encoding, delimiter, header."""

from typing import NamedTuple

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.declaration.file_problems import FileEmpty
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.first_records import HEAD
from services.chassis.imports.formats.header_rows import Header, header_of
from services.chassis.imports.formats.readable import Readable, Wishes, make_readable
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.headers.layout import Layout, layout_of_ndjson, layout_of_table


class Inspected(NamedTuple):
    """The result of an inspection.

    Attributes:
        layout: how to read it.
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of the text in the upload; none of a workbook.
        is_rewritten: whether `rows`, not the upload, is to be read.
    """

    layout: Layout
    format: str
    encoding: str | None
    is_rewritten: bool


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
    layout = _layout_of(spec, names, file, wishes)
    return Inspected(layout, file.format, file.encoding, file.is_rewritten)


def _layout_of(spec: ImportSpec, names: ColumnNames, file: Readable, wishes: Wishes) -> Layout:
    if file.form == "ndjson":
        layout = layout_of_ndjson(spec, wishes.column_mapping)
        return layout.model_copy(update={"offset": file.offset})
    header = header_of(names, file, wishes.delimiter)
    layout = layout_of_table(spec, header.columns, wishes.column_mapping, header.row)
    _require_rows(file, header)
    return layout.model_copy(update=header.place | {"form": file.form})


def _require_rows(file: Readable, header: Header) -> None:
    """Refuse a file that has nothing but its header, such as a template not filled in.

    Raises:
        FileEmpty: it is so.
    """
    rest = file.source.read(header.end, HEAD)
    if len(rest) < HEAD and not rest.strip(b"\r\n \t,;|"):
        raise FileEmpty
