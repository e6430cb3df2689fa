"""Encodings of texts: what a file is in, and how it is written down in UTF-8.

What is certain is decided by the bytes; what is only likely (GB18030) by most of the lines, so
that one bad line costs itself and no other.
"""

import codecs
from collections.abc import Iterator

from services.chassis.imports.file_problems import EncodingUnknown, HasNul
from services.chassis.spool import Spool

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAMPLED_LINES = 1000


def encoding_of(source: Spool, head: bytes, wished: str | None) -> tuple[str, int]:
    """The encoding of a text, and the length of its byte order mark.

    Raises:
        HasNul: there are NUL characters, and it is not UTF-16.
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


def transcode(
    source: Spool, target: Spool, encoding: str, skipped: int, *, is_whole: bool = True
) -> None:
    """Write a text down in UTF-8; a line that is not of its encoding stays as it is.

    Args:
        source: the text.
        target: where it is written down.
        encoding: of the text.
        skipped: length of its byte order mark.
        is_whole: whether its end must be the end of a character.

    Raises:
        HasNul: there are NUL characters.
        EncodingUnknown: it is not what it is said to be.
    """
    with target.writer() as writer:
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
            decoder.decode(b"", final=is_whole)
        except UnicodeError as error:
            raise EncodingUnknown(encoding=encoding) from error


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
