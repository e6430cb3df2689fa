"""Reads the records of a CSV or NDJSON body, each with the row number its author sees."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from services.chassis.errors import Fault, Invalid, UnsupportedMediaType
from services.chassis.text import Text

CSV, NDJSON = "text/csv", "application/x-ndjson"
# More than any resource has: a hostile file would make a fault of each and fill the memory.
_MAX_COLUMNS = 100
_MAX_LINE = 1024 * 1024
# What an exported cell gets so that no spreadsheet takes it for a formula; undone on import.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_TOO_MANY = Text("最多 {limit} 列", "At most {limit} columns")
_TOO_LONG = Text("一行最多 {limit} 个字符", "A line may have {limit} characters")


class Record(NamedTuple):
    """One data row: its number in the file (the header is row 1) and its named values."""

    number: int
    values: dict[str, Any]


def read_records(body: bytes, media_type: str, headers: dict[str, str]) -> Iterator[Record]:
    """The records of a file.

    Args:
        body: UTF-8, with or without a byte order mark.
        media_type: `text/csv` or `application/x-ndjson`.
        headers: accepted column header → field name.

    Raises:
        UnsupportedMediaType: for any other type.
        Invalid: wrong encoding, broken CSV or JSON, wrong or missing header, no rows.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in (CSV, NDJSON):
        raise UnsupportedMediaType(accepted=f"{CSV}, {NDJSON}")
    text = _decode(body)
    return _csv(text, headers) if kind == CSV else _ndjson(text, headers)


def _refuse(row: int, code: str, message: Text, **params: Any) -> Invalid:
    return Invalid([Fault(f"/rows/{row}", code, message, {"row": row} | params)])


def _decode(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise _refuse(
            line,
            "import.encoding",
            Text("文件不是 UTF-8 编码,请另存为 UTF-8", "Not UTF-8; save the file as UTF-8"),
        ) from error
    if (at := text.find("\x00")) >= 0:
        raise _refuse(
            text.count("\n", 0, at) + 1,
            "text.nul",
            Text("文件中有空字符 (NUL)", "The file holds a NUL character"),
        )
    return text


def _csv(text: str, headers: dict[str, str]) -> Iterator[Record]:
    reader = csv.reader(_lines(text), strict=True)
    number = 0
    names: list[str] | None = None
    try:
        for number, cells in enumerate(reader, 1):
            if not any(cells):
                continue
            if names is None:
                names = _names(cells, headers)
            elif len(cells) != len(names):
                raise _refuse(
                    number,
                    "import.column_count",
                    Text("应有 {expected} 列,实有 {found} 列", "{found} cells, not {expected}"),
                    expected=len(names),
                    found=len(cells),
                )
            else:
                pairs = zip(names, cells, strict=True)
                yield Record(number, {name: _cell(cell) for name, cell in pairs if cell})
    except csv.Error as error:
        raise _refuse(
            number + 1,
            "import.malformed_csv",
            Text("CSV 格式有误(引号不配对?)", "Malformed CSV (unbalanced quotes?)"),
        ) from error
    if names is None:
        raise _refuse(1, "import.empty", Text("文件是空的", "The file is empty"))


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _MAX_LINE:
            raise _refuse(number, "import.line_too_long", _TOO_LONG, limit=_MAX_LINE)
        yield line


def _cell(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _names(cells: list[str], headers: dict[str, str]) -> list[str]:
    if len(cells) > _MAX_COLUMNS:
        raise _refuse(1, "import.too_many_columns", _TOO_MANY, limit=_MAX_COLUMNS)
    faults = [
        Fault(
            f"/rows/1/{cell.strip()}",
            "import.unknown_column",
            Text("未知的列:{column}", "Unknown column: {column}"),
            {"row": 1, "column": cell.strip()},
        )
        for cell in cells
        if cell.strip() not in headers
    ]
    if faults:
        raise Invalid(faults)
    names = [headers[cell.strip()] for cell in cells]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise _refuse(
            1,
            "import.repeated_column",
            Text("列重复:{column}", "Repeated column: {column}"),
            column=repeated,
        )
    return names


def _ndjson(text: str, headers: dict[str, str]) -> Iterator[Record]:
    found = False
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _MAX_LINE:
            raise _refuse(number, "import.line_too_long", _TOO_LONG, limit=_MAX_LINE)
        if not line.strip():
            continue
        found = True
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise _refuse(
                number,
                "import.malformed_json",
                Text("这一行不是合法的 JSON", "This line is not valid JSON"),
            ) from error
        if not isinstance(values, dict):
            raise _refuse(
                number,
                "import.malformed_json",
                Text("每行应为一个 JSON 对象", "Each line must be a JSON object"),
            )
        if len(values) > _MAX_COLUMNS:
            raise _refuse(number, "import.too_many_columns", _TOO_MANY, limit=_MAX_COLUMNS)
        yield Record(
            number, {headers.get(str(k), str(k)): v for k, v in values.items() if v is not None}
        )
    if not found:
        raise _refuse(1, "import.empty", Text("文件是空的", "The file is empty"))
