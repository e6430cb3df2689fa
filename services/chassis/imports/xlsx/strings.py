"""Texts in workbooks: what an element says, and those that cells share.

Spreadsheet programs write every different text once and number it. There may be millions, so
they are kept on disk, encrypted like the file itself, and read in blocks: what stands together in
the sheet mostly stands together there, too.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

import orjson

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.xlsx.elements import Element, Elements, Piece, local_name

_BLOCK, _REMEMBERED = 256, 256
_PLAIN = re.compile(r'<si><t(?: xml:space="preserve")?>([^<&\r]*)</t></si>')
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """The shared texts of one workbook, by number; read as far as they are asked for."""

    def __init__(self, encrypted_file: EncryptedFile, chunks: Iterable[bytes]) -> None:
        self._file = encrypted_file
        self._texts = _texts(Elements(chunks))
        self._writer = encrypted_file.writer()
        self._count = 0
        self._starts = [0]
        self._block = lru_cache(_REMEMBERED)(self._read)

    def __getitem__(self, number: int) -> str:
        while number >= self._count and self._keep_block():
            pass
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._block(number // _BLOCK)[number % _BLOCK]

    def keep_all(self) -> None:
        """Read all of them, to know that none is damaged.

        Raises:
            WorkbookDamaged: some are.
        """
        while self._keep_block():
            pass

    def close(self) -> None:
        """Keep no more."""
        self._writer.close()

    def _keep_block(self) -> bool:
        """Write the next ones down; False when there are none any more."""
        block = list(islice(self._texts, _BLOCK))
        if not block:
            return False
        self._writer.write(orjson.dumps(block))
        self._starts.append(self._writer.size)
        self._count += len(block)
        return True

    def _read(self, block: int) -> list[str]:
        self._writer.flush()
        start, end = self._starts[block], self._starts[block + 1]
        texts: list[str] = orjson.loads(self._file.read(start, end - start))
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
