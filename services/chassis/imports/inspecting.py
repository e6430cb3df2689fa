"""Looks at an uploaded file before any row is read: format, encoding, delimiter, header.

What is not UTF-8 text already (gzip, UTF-16, GB18030, a workbook) is written down as such first,
so that everything after this knows one encoding only.
"""

import codecs
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import orjson
from pydantic import BaseModel

from services.chassis.errors import AppError, Fault, Invalid
from services.chassis.imports.csv_records import csv_records
from services.chassis.imports.layout import (
    ColumnMapping,
    Layout,
    layout_of_ndjson,
    layout_of_table,
    plain,
)
from services.chassis.imports.spec import ImportSpec
from services.chassis.imports.splitting import byte_lines
from services.chassis.imports.workbooks import write_cells
from services.chassis.spool import Spool
from services.chassis.text import Text

HEAD = 1 << 18
DELIMITERS = ",\t;|"
_GZIP, _ZIP, _OLD_WORKBOOK = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Compressed tables shrink to a tenth; what shrinks to a hundredth is made to fill a disk.
MOST_SHRUNK = 100
_SAMPLED_LINES = 1000

FORMATS = {"csv": "CSV", "ndjson": "NDJSON", "xlsx": "XLSX"}
SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".xlsx": "xlsx",
}


class FormatMismatch(AppError):
    """The file is not what its name or options say."""

    status = 422
    code = "import.format_mismatch"
    title = Text("文件格式与名称不符", "Not the format it is said to be")
    detail = Text(
        "文件应为 {declared},内容却是 {found};请按实际格式命名,或另存为 {declared}。",
        "The file is said to be {declared} but holds {found}: name it so, or save it as "
        "{declared}.",
    )


class FormatUnknown(AppError):
    """The file is nothing that can be imported."""

    status = 422
    code = "import.format_unknown"
    title = Text("无法识别的文件格式", "Unknown format")
    detail = Text(
        "请使用 CSV、NDJSON 或 XLSX(旧版 .xls 请另存为 .xlsx)。",
        "Send CSV, NDJSON or XLSX (save an old .xls as .xlsx).",
    )


class HasNul(AppError):
    """A table has no NUL characters; PostgreSQL cannot store them."""

    status = 422
    code = "text.nul"
    title = Text("文件中有空字符", "NUL in the file")
    detail = Text(
        "第 {row} 行附近有空字符 (NUL),文件可能已损坏。",
        "There is a NUL character near row {row}: the file may be damaged.",
    )


class EncodingUnknown(AppError):
    """The file is no text in the encoding it should be in."""

    status = 422
    code = "import.encoding"
    title = Text("文件编码有误", "Wrong encoding")
    detail = Text(
        "文件不是 {encoding} 编码;请另存为 UTF-8,或在 encoding 中指明。",
        "The file is not {encoding}: save it as UTF-8, or name its encoding.",
    )


class FileEmpty(AppError):
    """There is no row in the file."""

    status = 422
    code = "import.empty"
    title = Text("文件是空的", "The file is empty")
    detail = Text("文件没有数据行。", "The file has no data rows.")


class Bomb(AppError):
    """The file unpacks to far more than it should."""

    status = 422
    code = "import.zip_bomb"
    title = Text("压缩文件异常", "Suspicious compression")
    detail = Text(
        "文件解压后超过 {limit} 字节或压缩比超过 {ratio} 倍,已拒绝。",
        "The file unpacks to more than {limit} bytes, or {ratio} times its size: refused.",
    )


class Wishes(BaseModel):
    """What the caller says of the file; what is left out is found out.

    Attributes:
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of text.
        delimiter: of CSV.
        sheet: of a workbook; the first one that can be seen.
        column_mapping: field of columns with other headers, None to pass a column over.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    column_mapping: dict[str, str | None] = {}


class Inspected(NamedTuple):
    """What was found.

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
    spec: ImportSpec, upload: Spool, rows: Spool, wishes: Wishes, most_bytes: int
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
    source, is_rewritten = upload, False
    if upload.read(0, 2) == _GZIP:
        _unpack(upload, rows, most_bytes)
        source, is_rewritten = rows, True
    head = source.read(0, HEAD)
    found = _format_of(head)
    if wishes.format and found != wishes.format and not _could_be(head, wishes.format):
        declared, is_found = FORMATS[wishes.format], FORMATS[found]
        raise FormatMismatch(declared=declared, found=is_found)
    if found == "xlsx":
        target = Spool(rows.path.with_suffix(".cells"), rows.key) if is_rewritten else rows
        write_cells(source, target, wishes.sheet, most_bytes)
        if is_rewritten:
            target.path.replace(rows.path)
        layout = _table_layout(spec, rows, "cells", wishes)
        return Inspected(layout, found, None, True)
    encoding, skipped = _encoding_of(source, head, wishes.encoding)
    if encoding != "utf-8":
        target = Spool(rows.path.with_suffix(".utf-8"), rows.key) if is_rewritten else rows
        _transcode(source, target, encoding, skipped)
        if is_rewritten:
            target.path.replace(rows.path)
        source, is_rewritten, skipped = rows, True, 0
    form = wishes.format or found
    layout = (
        layout_of_ndjson(spec, wishes.column_mapping)
        if form == "ndjson"
        else _table_layout(spec, source, "csv", wishes, skipped)
    )
    if form == "ndjson":
        layout = layout.model_copy(update={"offset": skipped})
    return Inspected(layout, form, encoding, is_rewritten)


def _format_of(head: bytes) -> str:
    if not head.strip():
        raise FileEmpty
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_OLD_WORKBOOK):
        raise FormatUnknown
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return "ndjson" if text.startswith(b"{") else "csv"


def _could_be(head: bytes, declared: str) -> bool:
    """Whether a text may be what it is said to be after all."""
    return declared != "xlsx" and not head.startswith(_ZIP)


def _unpack(upload: Spool, rows: Spool, most_bytes: int) -> None:
    unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    most = min(most_bytes, MOST_SHRUNK * upload.size + HEAD)
    with rows.writer() as writer:
        for block in upload.blocks():
            while block:
                try:
                    writer.write(unpacked.decompress(block, HEAD))
                except zlib.error as error:
                    raise FormatUnknown from error
                if writer.size > most:
                    raise Bomb(limit=most_bytes, ratio=MOST_SHRUNK)
                block = unpacked.unconsumed_tail
                if unpacked.eof and (block := unpacked.unused_data):  # files put together
                    unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        if not unpacked.eof:
            raise FormatUnknown


def _encoding_of(source: Spool, head: bytes, wished: str | None) -> tuple[str, int]:
    """The encoding of a text, and the length of its byte order mark.

    Raises:
        HasNul: there are NUL characters, and it is not UTF-16.
        EncodingUnknown: it is not what it is said to be.
    """
    for mark, encoding in _UTF_16.items():
        if head.startswith(mark):
            return encoding, len(mark)
    skipped = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    if wished in ("utf-16-le", "utf-16-be"):
        return wished, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf_8, lines = True, 1
    for block in source.blocks():
        if (at := block.find(b"\0")) >= 0:
            raise HasNul(row=lines + block.count(b"\n", 0, at))
        lines += block.count(b"\n")
        if is_utf_8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf_8 = False
    if wished or is_utf_8 or skipped:
        return wished or "utf-8", skipped
    return _likelier(source), skipped


def _likelier(source: Spool) -> str:
    """UTF-8 or GB18030, for a file that is not wholly UTF-8: what most of its lines are.

    Chinese text in GB18030 is almost never UTF-8 by chance; the other way round it often is.
    """
    seen = good = 0
    for block in source.blocks():
        for line in block.split(b"\n")[1:-1] or [block]:
            if line.isascii():
                continue
            seen += 1
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                continue
        if seen >= _SAMPLED_LINES:
            break
    return "utf-8" if good * 2 > seen else "gb18030"


def _transcode(source: Spool, rows: Spool, encoding: str, skipped: int) -> None:
    """Write a text down in UTF-8; a line that is not of its encoding stays as it is."""
    with rows.writer() as writer:
        if encoding == "gb18030":
            for lines in _line_blocks(source):
                try:
                    writer.write(lines.decode(encoding).encode())
                except UnicodeDecodeError:
                    writer.write(b"\n".join(_recoded(line) for line in lines.split(b"\n")))
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for number, block in enumerate(source.blocks()):
                text = decoder.decode(block[skipped:] if number == 0 else block)
                if "\0" in text:
                    raise HasNul(row=1)
                writer.write(text.encode())
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise EncodingUnknown(encoding=encoding) from error


def _recoded(line: bytes) -> bytes:
    """A line in UTF-8; one that is no GB18030 is marked with a byte that no UTF-8 has."""
    try:
        return line.decode("gb18030").encode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace").encode() + b"\xff"


def _line_blocks(source: Spool) -> Iterator[bytes]:
    rest = b""
    for block in source.blocks():
        lines, newline, rest_of_block = (rest + block).rpartition(b"\n")
        if newline:
            yield lines + newline
            rest = rest_of_block
        else:
            rest = rest_of_block
    if rest:
        yield rest


def _table_layout(
    spec: ImportSpec, source: Spool, form: str, wishes: Wishes, skipped: int = 0
) -> Layout:
    """The layout of a table from its first filled row."""
    head = source.read(skipped, HEAD)
    if form == "csv" and b"\r" in head and b"\n" not in head:
        raise Invalid([Fault("", "import.line_ends", _LINE_ENDS, {})])
    delimiter = wishes.delimiter or _delimiter_of(spec, head, wishes.column_mapping)
    offset, row = skipped, 1
    for header, length in _first_records(head, form, delimiter):
        offset += length
        if any(header):
            layout = layout_of_table(spec, header, wishes.column_mapping)
            place = {"form": form, "delimiter": delimiter, "offset": offset, "first_row": row + 1}
            return layout.model_copy(update=place)
        row += 1
    raise FileEmpty


_LINE_ENDS = Text(
    "行结束符应为 LF 或 CRLF,请另存为普通 CSV", "Lines must end in LF or CRLF: save it as plain CSV"
)


def _first_records(head: bytes, form: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The first records of a table, each with its length in bytes."""
    if form == "cells":
        for line in head.splitlines(keepends=True):
            yield ["" if cell is None else str(cell) for cell in orjson.loads(line)], len(line)
        return
    lines = byte_lines(head)
    for record in csv_records(lines, delimiter):
        length = sum(map(len, lines[record.at : record.at + record.lines]))
        cells = [cell.encode("latin-1") for cell in record.cells or []]
        yield [cell.decode("utf-8", "replace").strip() for cell in cells], length


def _delimiter_of(spec: ImportSpec, head: bytes, mapping: ColumnMapping) -> str:
    """The delimiter under which most of the header is known."""
    line = next((line for line in head.split(b"\n") if line.strip()), b"")
    known = {plain(name) for name in (*spec.headers, *spec.read_only, *mapping)}

    def score(delimiter: str) -> tuple[int, int]:
        cells = line.decode("utf-8", "replace").split(delimiter)
        return sum(plain(cell.strip('"\r ')) in known for cell in cells), len(cells)

    return max(DELIMITERS, key=score)
