"""Conversion of an uploaded file: unpacked, in UTF-8, workbooks as lines of cells.

What is UTF-8 text already is read where it is; all else is written down as such beside it, so
that everything after this knows one encoding only.
"""

import codecs
import re
import zlib
from typing import NamedTuple

from pydantic import BaseModel

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.declaration.file_problems import (
    Bomb,
    FileEmpty,
    FormatMismatch,
    FormatUnknown,
    IsJsonArray,
    IsMarkup,
    PackedDamaged,
    PackedTwice,
    WorkbookEncrypted,
)
from services.chassis.imports.formats.encodings import encoding_of, transcode
from services.chassis.imports.formats.workbooks import Sheets, write_cells
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.headers.layout import Form
from services.chassis.imports.xlsx.package import MOST_SHRUNK, SLACK

_HEAD = 1 << 18
_MARKUP_HEAD = 1 << 12
_GZIP, _ZIP, _COMPOUND = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# More than one where programs have put files together, or saved one again and again.
_MARKS = re.compile(rb"\A(?:%b)*" % codecs.BOM_UTF8)
# After blanks and comments; also in UTF-16, where a NUL stands behind each ASCII character.
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?P<name>!doctype\s+html|html|head|meta|style|table|div|body|\?xml)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON_ARRAY = re.compile(rb"\s*\[\s*[{\]]")
# Stream that holds a password-protected workbook inside its compound file.
_LOCKED = "EncryptedPackage".encode("utf-16-le")

FORMATS = {"csv": "CSV", "ndjson": "NDJSON", "xlsx": "XLSX"}
SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".xlsx": "xlsx",
}


class Wishes(BaseModel):
    """Options given by the caller; omitted ones are detected.

    Attributes:
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of text.
        delimiter: of CSV.
        sheet: of a workbook; the first one that can be seen.
        column_mapping: field of columns with other headers, None to pass a column over.
        value_mapping: for fields other words for their values, None for an empty cell.
        ignore_unknown_columns: whether columns that are no field are passed over.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    column_mapping: dict[str, str | None] = {}
    value_mapping: dict[str, dict[str, str | None]] = {}
    ignore_unknown_columns: bool = False


class Readable(NamedTuple):
    """A file that can be read.

    Attributes:
        source: where it is.
        form: how its records are written.
        format: `csv`, `ndjson` or `xlsx`.
        encoding: of the text in the upload; none of a workbook.
        offset: where its text begins, after a byte order mark.
        is_rewritten: whether that is not the upload itself.
        sheets: of a workbook.
    """

    source: EncryptedFile
    form: Form
    format: str
    encoding: str | None
    offset: int
    is_rewritten: bool
    sheets: Sheets | None = None


def make_readable(
    upload: EncryptedFile,
    rows: EncryptedFile,
    wishes: Wishes,
    most_bytes: int,
    names: ColumnNames,
    *,
    enough: int | None = None,
) -> Readable:
    """Make an upload readable.

    Args:
        upload: the file as it came.
        rows: where it is written down when it cannot be read as it is.
        wishes: what the caller says of it.
        most_bytes: what it may unpack to.
        names: by which a header is known.
        enough: how many bytes of what is written down do; the upload may be cut off then, unless
            it is a workbook. None for all of it.

    Raises:
        AppError: it cannot be read, or not as what it is said to be (see `file_problems`).
    """
    work = _Work(upload, rows)
    if upload.read(0, len(_GZIP)) == _GZIP:
        _unpack(upload, work.target, most_bytes, enough)
        work.done()
    head = work.source.read(0, _HEAD)
    if work.is_rewritten and head.startswith(_GZIP):
        raise PackedTwice
    _refuse_markup(head)
    found = _format_of(head, work.source)
    if wishes.format and found != wishes.format and not _could_be(head, wishes.format):
        raise FormatMismatch(declared=FORMATS[wishes.format], found=FORMATS[found])
    if found == "xlsx":
        sheets = write_cells(work.source, work.target, wishes.sheet, most_bytes, names, enough)
        work.done()
        return Readable(work.source, "cells", found, None, 0, True, sheets)
    encoding = encoding_of(work.source, head, wishes.encoding, names)
    if encoding != "utf-8":
        transcode(work.source, work.target, encoding, most_bytes, is_whole=enough is None)
        work.done()
        head = work.source.read(0, _HEAD)
    text = _MARKS.sub(b"", head, count=1)
    if _JSON_ARRAY.match(text):
        raise IsJsonArray
    offset = len(head) - len(text)
    form: Form = "ndjson" if (wishes.format or _text_format_of(text)) == "ndjson" else "csv"
    return Readable(work.source, form, form, encoding, offset, work.is_rewritten)


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so has to be there as a whole to be read."""
    return head.startswith((_GZIP, _ZIP, _COMPOUND))


class _Work:
    """Rewrites a file step by step; in the end it is the upload itself, or stands in `rows`.

    Attributes:
        source: the file as far as it is.
        is_rewritten: whether that is not the upload any more.
    """

    def __init__(self, upload: EncryptedFile, rows: EncryptedFile) -> None:
        self._rows = rows
        self.source, self.is_rewritten = upload, False

    @property
    def target(self) -> EncryptedFile:
        """Where the next step writes."""
        path = self._rows.path
        return EncryptedFile(
            path.with_suffix(".next") if self.is_rewritten else path, self._rows.key
        )

    def done(self) -> None:
        """Continue with the file that this step has written."""
        if self.is_rewritten:
            self.target.path.replace(self._rows.path)
        self.source, self.is_rewritten = self._rows, True


def _refuse_markup(head: bytes) -> None:
    """Refuse web pages and XML, which spreadsheet programs open under any name.

    Raises:
        IsMarkup: it is one of them.
    """
    text = _MARKS.sub(b"", head[:_MARKUP_HEAD], count=1).replace(b"\0", b"")
    if found := _MARKUP.match(text.removeprefix(codecs.BOM_UTF16_LE)):
        raise IsMarkup(found="XML" if found["name"].lower() == b"?xml" else "HTML")


def _format_of(head: bytes, source: EncryptedFile) -> str:
    if not head.strip():
        raise FileEmpty
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_COMPOUND):
        raise (
            WorkbookEncrypted
            if any(_LOCKED in block for block in source.blocks())
            else (FormatUnknown)
        )
    return _text_format_of(head.removeprefix(codecs.BOM_UTF8))


def _text_format_of(head: bytes) -> str:
    return "ndjson" if head.lstrip().startswith(b"{") else "csv"


def _could_be(head: bytes, declared: str) -> bool:
    """Whether a text may be what it is said to be after all."""
    return declared != "xlsx" and not head.startswith(_ZIP)


def _unpack(
    upload: EncryptedFile, target: EncryptedFile, most_bytes: int, enough: int | None
) -> None:
    """Unpack what gzip has packed: several files put together, perhaps with zeros behind them.

    Raises:
        PackedDamaged: it is cut off or damaged.
        Bomb: it is too much.
    """
    unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    most = min(most_bytes, MOST_SHRUNK * upload.size + SLACK)
    is_zip = False
    with target.writer() as writer:
        for block in upload.blocks():
            while block:
                if unpacked.eof:
                    if not (block := block.lstrip(b"\0")):
                        break  # zeros fill the last block of a tape, and of some downloads
                    unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                try:
                    piece = unpacked.decompress(block, _HEAD)
                except zlib.error as error:
                    raise PackedDamaged from error
                is_zip = piece.startswith(_ZIP) if writer.size == 0 else is_zip
                writer.write(piece)
                if writer.size > most:
                    raise Bomb(limit=most_bytes, ratio=MOST_SHRUNK)
                if enough is not None and writer.size >= enough and not is_zip:
                    return
                block = unpacked.unused_data if unpacked.eof else unpacked.unconsumed_tail
        if enough is None and not unpacked.eof:
            raise PackedDamaged
