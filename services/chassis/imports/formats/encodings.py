"""Detection of text encodings, and conversion to UTF-8.

What is certain is decided by the bytes; what is only likely (GB18030) by the header, or else by
most of the lines, so that one bad line costs itself and no other.
"""

import codecs
import re
from collections.abc import Iterator

from services.chassis.files.encrypted_files import EncryptedFile, Writer
from services.chassis.imports.declaration.file_problems import Bomb, EncodingUnknown, HasNul
from services.chassis.imports.formats.chinese import require_chinese
from services.chassis.imports.headers.column_names import FIRST_ROWS, ColumnNames
from services.chassis.imports.xlsx.package import MOST_SHRUNK

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    "\ufeff".encode("gb18030"): "gb18030",
}
_SAMPLED_LINES, _LONGEST_LINE = 1000, 1 << 22
_DELIMITERS = re.compile(r"[,\t;|]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# A line of Chinese in UTF-8, that is, one with ideographs and no letters that take two bytes but
# the dot in names. GB18030 text is that only where every three characters in a row happen to have
# just the right bytes. Measured: of 4,655 names of schools and divisions and of 2,500,000 random
# names in GB18030 not one is (but of two random characters one name in 40 is UTF-8 of some sort).
_CHINESE_UTF_8 = re.compile(
    rb"[\x00-\x7f]*+"
    rb"(?:(?:[\xe2-\xe9\xef][\x80-\xbf]{2}|\xf0[\xa0-\xaf][\x80-\xbf]{2}|\xc2\xb7)[\x00-\x7f]*+)++"
)
_IDEOGRAPH = re.compile(rb"[\xe3-\xe9\xf0]")


def encoding_of(source: EncryptedFile, head: bytes, wished: str | None, names: ColumnNames) -> str:
    """The encoding of a text.

    What is not wholly UTF-8 is the encoding in which more of its columns are known by their names;
    where that says nothing, what most of its lines are.

    Args:
        source: the text.
        head: its beginning.
        wished: what the caller says; a byte order mark outweighs it.
        names: by which a header is known.

    Raises:
        HasNul: there are NUL characters, and it is not UTF-16.
        EncodingDoubtful: it can only be GB18030, and does not look like Chinese.
    """
    marked = next((_MARKS[mark] for mark in _MARKS if head.startswith(mark)), None)
    if (marked or wished or "").startswith("utf-16"):
        return str(marked or wished)
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
    if marked or wished:
        return str(marked or wished)
    if is_utf_8:
        return "utf-8"
    as_utf_8, as_gb18030 = (_known(head, encoding, names) for encoding in ("utf-8", "gb18030"))
    if as_utf_8 != as_gb18030:
        return "utf-8" if as_utf_8 > as_gb18030 else "gb18030"
    if _is_mostly_utf_8(source):
        return "utf-8"
    require_chinese(head)
    return "gb18030"


def transcode(
    source: EncryptedFile,
    target: EncryptedFile,
    encoding: str,
    most_bytes: int,
    *,
    is_whole: bool = True,
) -> None:
    """Write a text down in UTF-8; a line that is not of its encoding is no UTF-8 there either.

    Args:
        source: the text.
        target: where it is written down.
        encoding: of the text.
        most_bytes: what it may come to: Chinese text is longer in UTF-8.
        is_whole: whether its end must be the end of a character.

    Raises:
        HasNul: there are NUL characters.
        EncodingUnknown: it is not what it is said to be.
        Bomb: it comes to more.
    """
    with target.writer() as writer:
        if encoding == "gb18030":
            for lines in _line_blocks(source):
                writer.write(_recoded(lines))
                _refuse_bomb(writer, most_bytes)
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        row = 1
        try:
            for block in source.blocks():
                text = decoder.decode(block)
                if (at := text.find("\0")) >= 0:
                    raise HasNul(row=row + text.count("\n", 0, at))
                row += text.count("\n")
                writer.write(text.encode())
                _refuse_bomb(writer, most_bytes)
            decoder.decode(b"", final=is_whole)
        except UnicodeError as error:
            raise EncodingUnknown(encoding=encoding) from error


def _refuse_bomb(writer: Writer, most_bytes: int) -> None:
    if writer.size > most_bytes:
        raise Bomb(limit=most_bytes, ratio=MOST_SHRUNK)


def _is_mostly_utf_8(source: EncryptedFile) -> bool:
    """Whether most lines of a text, which is UTF-8 or GB18030, are UTF-8.

    Chinese text in GB18030 is seldom UTF-8 by chance; the other way round it often is.
    """
    seen = good = 0
    for lines in _line_blocks(source):
        for line in lines.split(b"\n"):
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
    return good * 2 > seen


def _known(head: bytes, encoding: str, names: ColumnNames) -> int:
    """How many columns are known by their names, if the text is in this encoding."""
    lines = [line for line in head.split(b"\n") if line.strip()][:FIRST_ROWS]
    rows = (_DELIMITERS.split(line.decode(encoding, "replace")) for line in lines)
    return max(names.known(cell.strip('"\r ') for cell in row) for row in rows)


def _recoded(lines: bytes) -> bytes:
    """Lines in GB18030 as UTF-8, except that those of another encoding stay unreadable."""
    found = lines.split(b"\n")
    is_utf_8, has_ideograph = _CHINESE_UTF_8.fullmatch, _IDEOGRAPH.search
    strange = {at for at, line in enumerate(found) if is_utf_8(line) and has_ideograph(line)}
    if not strange:
        try:
            return lines.decode("gb18030").encode()
        except UnicodeDecodeError:
            pass
    return b"\n".join(
        _spoilt(line.decode()) if at in strange else _line(line) for at, line in enumerate(found)
    )


def _line(line: bytes) -> bytes:
    try:
        return line.decode("gb18030").encode()
    except UnicodeDecodeError:
        return _spoilt(line.decode("gb18030", "replace"))


def _spoilt(line: str) -> bytes:
    """A line in UTF-8 with a byte that no UTF-8 has, well inside a cell: no quote stands there."""
    at = _NOT_ASCII.search(line)
    assert at is not None
    return line[: at.start()].encode() + b"\xff" + line[at.start() :].encode()


def _line_blocks(source: EncryptedFile) -> Iterator[bytes]:
    """Blocks that end with a line; within one only where it is too long to be any row."""
    rest = b""
    for block in source.blocks():
        lines, newline, rest = (rest + block).rpartition(b"\n")
        if newline:
            yield lines + newline
        elif len(rest) > _LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest
