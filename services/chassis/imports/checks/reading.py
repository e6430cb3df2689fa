"""Division of a part of a file into cells, each with its field and row number."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from services.chassis.core.errors import Fault
from services.chassis.core.text import Text
from services.chassis.core.visible_text import comparable
from services.chassis.imports.checks.cells import ABSENT
from services.chassis.imports.formats.csv_records import csv_records
from services.chassis.imports.formats.splitting import Part, byte_lines
from services.chassis.imports.headers.layout import MAX_COLUMNS, Layout
from services.chassis.imports.xlsx.typed_cells import decoded, is_filled

_ENCODING = Text(
    "这一行有不属于文件编码的字符", "This row has characters that are not of the file's encoding"
)
_MALFORMED_CSV = Text("CSV 格式有误（引号不配对？）", "Malformed CSV (unbalanced quotes?)")
_LONE_CR = Text(
    "CSV 格式有误：行内有单独的回车符（CR）；含换行的内容请加双引号",
    "Malformed CSV: a lone CR within the line; a cell with line breaks must be quoted",
)
_COLUMN_COUNT = Text("应有 {expected} 列，实有 {found} 列", "{found} cells, not {expected}")
_MALFORMED_JSON = Text("这一行不是合法的 JSON 对象", "This line is not a JSON object")
UNKNOWN_FIELD = Text("未知的字段", "Unknown field")
_TOO_MANY = Text("最多 {limit} 个字段", "At most {limit} fields")
_CR_WITHIN = re.compile(r"\r(?!\n?\Z)")


class Cells(NamedTuple):
    """A part taken apart.

    Attributes:
        numbers: of the rows that have cells, in order.
        columns: for each field its cells, in the same order.
        broken: rows that could not be taken apart, by number.
        has_gaps: whether cells may be absent from single rows.
        table: all columns of a table, those that are passed over, too.
        broken_rows: the cells of broken rows that have too few.
    """

    numbers: Sequence[int]
    columns: dict[str, Sequence[Any]]
    broken: dict[int, Fault]
    has_gaps: bool = False
    table: Sequence[Sequence[Any]] = ()
    broken_rows: Mapping[int, Sequence[Any]] = MappingProxyType({})


def read_cells(content: bytes, part: Part, layout: Layout) -> Cells:
    """The cells of a part, without blank rows; values under the names that the caller gave them."""
    cells = _READERS[layout.form](content, part.first_row, layout)
    for name, words in layout.values.items():
        if name in cells.columns:
            cells.columns[name] = [*map(Translation(words).of, cells.columns[name])]
    return cells


class Translation(dict[str, str]):
    """The values that a caller's words stand for; remembers what it has seen."""

    def __init__(self, words: Mapping[str, str | None]) -> None:
        super().__init__()
        self._words = {comparable(word).strip(): value or "" for word, value in words.items()}

    def __missing__(self, cell: str) -> str:
        self[cell] = self._words.get(comparable(cell).strip(), cell)
        return self[cell]

    def of(self, cell: Any) -> Any:
        """The value of a cell."""
        return self[cell] if type(cell) is str else cell


def read_rows(content: bytes, part: Part, layout: Layout) -> dict[int, Any]:
    """The rows of a part as they stand in the file, by number; blank ones left out.

    A row of a table is a list of its cells, of NDJSON its line. Bytes that are no text stand as
    lone surrogates, so that nothing is lost of a row in another encoding.
    """
    if layout.form == "ndjson":
        numbered = enumerate(content.split(b"\n"), part.first_row)
        return {number: line for number, line in numbered if line.strip()}
    if layout.form == "cells":
        rows = enumerate(map(decoded, content.splitlines()), part.first_row)
        return {number: row for number, row in rows if _is_filled(row)}
    lines = byte_lines(content)
    found: dict[int, Any] = {}
    for number, record in enumerate(csv_records(lines, layout.delimiter), part.first_row):
        raw = record.cells if record.cells is not None else [lines[record.at].rstrip("\r\n")]
        cells = [cell.encode("latin-1").decode("utf-8", "surrogateescape") for cell in raw]
        if _is_filled(cells):
            found[number] = cells
    return found


def _csv(content: bytes, first_row: int, layout: Layout) -> Cells:
    width = len(layout.fields)
    rows = _plain_rows(content, layout.delimiter, width)
    if rows is not None:
        numbers: Sequence[int] = range(first_row, first_row + len(rows))
        return _of_table(numbers, rows, layout, {}, {})
    return _csv_by_record(content, first_row, layout, width)


def _plain_rows(content: bytes, delimiter: str, width: int) -> list[list[str]] | None:
    """The rows of a part where every line is one, whole and good; None for any other."""
    if b'"' in content:
        return None
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        if b"\r" in content:
            return None
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        return None
    if not lines[-1]:
        lines.pop()
    rows = [line.split(delimiter) for line in lines]
    is_plain = set(map(len, rows)) == {width} and [""] * width not in rows
    return rows if is_plain else None


def _csv_by_record(content: bytes, first_row: int, layout: Layout, width: int) -> Cells:
    numbers: list[int] = []
    rows: list[list[str]] = []
    broken: dict[int, Fault] = {}
    broken_rows: dict[int, Sequence[Any]] = {}
    lines = byte_lines(content)
    for number, record in enumerate(csv_records(lines, layout.delimiter), first_row):
        if record.cells is None:
            broken[number] = _malformed(lines[record.at])
        elif any(record.cells):
            try:
                cells = [cell.encode("latin-1").decode() for cell in record.cells]
            except UnicodeDecodeError:
                broken[number] = Fault("", "import.encoding", _ENCODING)
                continue
            if len(cells) > width and not any(map(is_filled, cells[width:])):
                del cells[width:]
            if len(cells) == width:
                numbers.append(number)
                rows.append(cells)
            else:
                broken[number] = _wrong_width(width, len(cells))
                broken_rows[number] = cells
    return _of_table(numbers, rows, layout, broken, broken_rows)


def _malformed(line: str) -> Fault:
    is_quoted = line.count('"') % 2 == 1
    is_cut = not is_quoted and _CR_WITHIN.search(line)
    return Fault("", "import.malformed_csv", _LONE_CR if is_cut else _MALFORMED_CSV)


def _wrong_width(expected: int, found: int) -> Fault:
    params = {"expected": expected, "found": found}
    return Fault("", "import.column_count", _COLUMN_COUNT, params)


def _of_table(
    numbers: Sequence[int],
    rows: Sequence[Sequence[Any]],
    layout: Layout,
    broken: dict[int, Fault],
    broken_rows: Mapping[int, Sequence[Any]],
) -> Cells:
    """Rows of a table by columns; the rows themselves are let go."""
    table: Sequence[Sequence[Any]] = [*zip(*rows, strict=True)] or [()] * len(layout.fields)
    columns = {name: cells for name, cells in zip(layout.fields, table, strict=True) if name}
    return Cells(numbers, columns, broken, table=table, broken_rows=broken_rows)


def _cells(content: bytes, first_row: int, layout: Layout) -> Cells:
    """Rows of a workbook (see `workbooks`)."""
    width = len(layout.fields)
    numbers, rows = [], []
    broken: dict[int, Fault] = {}
    for number, line in enumerate(content.splitlines(), first_row):
        row = decoded(line)
        missing = width - len(row)
        if not _is_filled(row):
            continue
        if missing < 0 and _is_filled(row[width:]):
            broken[number] = _wrong_width(width, len(row))
            continue
        numbers.append(number)
        rows.append(row + [""] * missing if missing >= 0 else row[:width])
    return _of_table(numbers, rows, layout, broken, {})


def _is_filled(row: Sequence[Any]) -> bool:
    return any(map(is_filled, row))


def _ndjson(content: bytes, first_row: int, layout: Layout) -> Cells:
    numbers, rows = [], []
    broken: dict[int, Fault] = {}
    for number, line in enumerate(content.split(b"\n"), first_row):
        if not line.strip():
            continue
        row = _object(line, layout)
        if isinstance(row, Fault):
            broken[number] = row
        else:
            numbers.append(number)
            rows.append(row)
    names = dict.fromkeys(layout.names.values())
    columns: dict[str, Sequence[Any]] = {
        name: [row.get(name, ABSENT) for row in rows] for name in names
    }
    return Cells(numbers, columns, broken, has_gaps=True)


def _object(line: bytes, layout: Layout) -> dict[str, Any] | Fault:
    """A line's values by field, or what is wrong with it."""
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        if not _is_text(line):
            return Fault("", "import.encoding", _ENCODING)
        values = None
    if not isinstance(values, dict):
        return Fault("", "import.malformed_json", _MALFORMED_JSON)
    if len(values) > MAX_COLUMNS:
        return Fault("", "import.too_many_columns", _TOO_MANY, {"limit": MAX_COLUMNS})
    row: dict[str, Any] = {}
    for key, value in values.items():
        name = layout.names.get(key)
        if name is None:
            if not layout.is_ignored(key):
                return Fault(key, "extra_forbidden", UNKNOWN_FIELD)
        elif name == key or name not in row:  # a field's own name outweighs an alias
            row[name] = value
    return row


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


_READERS: dict[str, Callable[[bytes, int, Layout], Cells]] = {
    "csv": _csv,
    "cells": _cells,
    "ndjson": _ndjson,
}
