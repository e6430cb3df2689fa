"""Texts in workbooks: what an element says, and those that cells share.

Spreadsheet programs write every different text once and number it. There may be millions, so
they are kept on disk, encrypted like the file itself, and read in blocks: what stands together in
the sheet mostly stands together there, too.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import orjson

from services.chassis.imports.xlsx.elements import Element, Elements, Piece, local_name
from services.chassis.spool import Spool

_BLOCK, _REMEMBERED = 256, 256
_PLAIN = re.compile(r'<si><t(?: xml:space="preserve")?>([^<&\r]*)</t></si>')
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """The shared texts of one workbook, by number."""

    def __init__(self, spool: Spool, chunks: Iterable[bytes]) -> None:
        self._spool = spool
        self._count = 0
        self._starts = [0]
        self._write(_texts(Elements(chunks)))
        self._block = lru_cache(_REMEMBERED)(self._read)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._block(number // _BLOCK)[number % _BLOCK]

    def _write(self, texts: Iterator[str]) -> None:
        with self._spool.writer() as writer:
            block: list[str] = []
            for text in texts:
                block.append(text)
                if len(block) == _BLOCK:
                    writer.write(orjson.dumps(block))
                    self._starts.append(writer.size)
                    self._count += _BLOCK
                    block.clear()
            writer.write(orjson.dumps(block))
            self._starts.append(writer.size)
            self._count += len(block)

    def _read(self, block: int) -> list[str]:
        start, end = self._starts[block], self._starts[block + 1]
        texts: list[str] = orjson.loads(self._spool.read(start, end - start))
        return texts


def text_of(element: Element) -> str:
    """The text of `si` or `is`, escaped: plain or in runs, without the readings above it."""
    texts = [element.findtext("{*}t") or ""]
    texts += [run.findtext("{*}t") or "" for run in element if local_name(run) == "r"]
    return "".join(texts)


def unescaped(text: str) -> str:
    """A text with its `_x000D_` for characters that XML cannot hold."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return escape[0] if "\ud800" <= character <= "\udfff" else character


def _texts(document: Elements) -> Iterator[str]:
    for piece in document.within("sst", "si"):
        found = _plain_texts(piece)
        yield from map(unescaped, found if found is not None else map(text_of, piece.elements()))
    document.finish()


def _plain_texts(piece: Piece) -> list[str] | None:
    """The texts of a piece where all are plain, as nearly always; None otherwise."""
    text = piece.text()
    found = _PLAIN.findall(text)
    return found if not piece.prefix and len(found) == text.count("<si") else None
