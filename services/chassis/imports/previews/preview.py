"""Preview of a file: the field of each column, the first rows, their faults."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from services.chassis.core.errors import Fault, Invalid
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.checks.reading import Cells, read_cells, read_rows
from services.chassis.imports.checks.rows import Judged, RowReader
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.readable import Readable, Wishes, make_readable
from services.chassis.imports.formats.report import report_of, report_on_rows
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.headers.layout import unknown_columns, wrong_targets
from services.chassis.imports.previews.beginning import ENOUGH, beginning_of
from services.chassis.imports.previews.columns import Head, head_of
from services.chassis.imports.previews.values import cells_of, values_of

_SHOWN = 20


class SeenRow(NamedTuple):
    """One of the first rows.

    Attributes:
        number: as a spreadsheet counts.
        cells: as they stand in the file, one for each column.
        values: by field, as they are read; a faulty one as it stands.
    """

    number: int
    cells: list[Any]
    values: dict[str, Any]


class SeenFault(NamedTuple):
    """Something wrong with a row, or with the header.

    Attributes:
        row: as a spreadsheet counts.
        field: the field, or an unknown header; empty for the row.
        fault: what is wrong.
    """

    row: int
    field: str
    fault: Fault


class Preview(NamedTuple):
    """The result of a preview.

    Attributes:
        file: its format, encoding and sheets.
        head: its columns.
        missing: required fields that no column gives.
        rows: the first ones.
        judged: how many rows were checked.
        faults: of the header, and of those rows.
        reading: what is read of the file and what is not.
    """

    file: Readable
    head: Head
    missing: list[str]
    rows: list[SeenRow]
    judged: int
    faults: list[SeenFault]
    reading: dict[str, Any]


def preview(
    spec: ImportSpec, upload: EncryptedFile, rows: EncryptedFile, wishes: Wishes, most_bytes: int
) -> Preview:
    """Look at the beginning of a file; an incomplete header is reported, not refused.

    Args:
        spec: what it is to be imported as.
        upload: the file, or its beginning; a workbook must be whole.
        rows: where it is written down as UTF-8 or cells when it is not so already.
        wishes: what the caller says of it.
        most_bytes: what it may unpack to.

    Raises:
        AppError: it cannot be read, or not as what it is said to be.
    """
    if wrong := wrong_targets(spec, wishes.column_mapping):
        raise Invalid(wrong)
    names = ColumnNames(spec, wishes.column_mapping)
    file = make_readable(upload, rows, wishes, most_bytes, names, enough=ENOUGH)
    head = head_of(spec, names, file, wishes)
    part, content = beginning_of(file, head.layout)
    cells = read_cells(content, part, head.layout)
    # Its own: a reader remembers the faults of what it has judged last.
    reader = RowReader(spec)
    judged = reader.judge(cells, head.layout)
    faults = sorted(_faults(cells, judged), key=lambda seen: seen.row)
    faults[:0] = [SeenFault(one.params["row"], one.params["column"], one) for one in head.faults]
    as_they_stand = read_rows(content, part, head.layout)
    given = {column.field for column in head.columns}
    return Preview(
        file,
        head,
        missing=[name for name in spec.required if name not in given],
        rows=[
            SeenRow(
                number,
                cells_of(as_they_stand[number], head.columns),
                values_of(reader, cells, index),
            )
            for index, number in [*_shown(cells, judged)]
        ],
        judged=len(cells.numbers) + len(cells.broken) - len(judged.dropped),
        faults=faults,
        reading=_reading(spec, file, head, judged, wishes),
    )


def _shown(cells: Cells, judged: Judged) -> Iterator[tuple[int, int]]:
    """Index and number of the first rows that are data."""
    data = (pair for pair in enumerate(cells.numbers) if pair[0] not in judged.dropped)
    return islice(data, _SHOWN)


def _reading(
    spec: ImportSpec, file: Readable, head: Head, judged: Judged, wishes: Wishes
) -> dict[str, Any]:
    """The report of an import on what is read of the file and what is not."""
    is_table = file.form != "ndjson"
    unknown = unknown_columns(spec, head.layout, wishes.column_mapping) if is_table else []
    wanted = unknown if wishes.ignore_unknown_columns else []
    report = report_of(file.sheets, head.layout, head.rows, wanted)
    skipped = [one for one in report["columns_passed_over"] if wanted or one not in unknown]
    passed = report_on_rows(judged.passed)
    notices = [*report["notices"], *passed["notices"]]
    return {**report, **passed, "columns_passed_over": skipped, "notices": notices}


def _faults(cells: Cells, judged: Judged) -> Iterator[SeenFault]:
    """The faults of rows."""
    for number, fault in cells.broken.items():
        yield SeenFault(number, fault.pointer, fault)
    for index, faults in judged.faults.items():
        for fault in faults:
            yield SeenFault(cells.numbers[index], fault.pointer.strip("/"), fault)
