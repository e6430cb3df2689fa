"""The parts of a workbook: a zip of XML documents, unpacked under limits.

Nothing that the zip says of itself is believed: bytes are counted as they come out. Names of
parts are found whatever their case and slashes, as spreadsheet programs do.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.declaration.file_problems import (
    Bomb,
    FormatUnknown,
    WorkbookDamaged,
    WorkbookEncrypted,
)
from services.chassis.imports.xlsx.tags import Tag, tags_of

# Compressed tables shrink to a tenth; what shrinks to a hundredth is made to fill a disk.
MOST_SHRUNK, SLACK = 100, 1 << 18
# Lists of parts and sheets are held in memory; the largest of workbooks has some thousands.
MOST_LISTED = 1 << 23
_CHUNK = 1 << 20
_WINDOW = 1 << 18
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class Relation(NamedTuple):
    """A reference from one part to another.

    Attributes:
        id: by which the part refers to it.
        kind: the last word of its type, the same in transitional and strict workbooks.
        part: the name of the other part.
    """

    id: str
    kind: str
    part: str


class Package:
    """An opened workbook.

    Raises:
        WorkbookDamaged: the zip cannot be read.
        Bomb: its directory is longer than that of any workbook.
    """

    def __init__(self, source: EncryptedFile, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._left = min(most_bytes, MOST_SHRUNK * source.size + SLACK)
        file = _Source(source, self._bomb())
        with _reading():
            self._zip = zipfile.ZipFile(file)
        file.may_read = None
        self._parts = {_plain(info.filename): info for info in self._zip.infolist()}

    def has(self, part: str) -> bool:
        """Whether there is a part of this name."""
        return _plain(part) in self._parts

    def chunks(self, part: str, most_bytes: int | None = None) -> Iterator[bytes]:
        """The content of a part.

        Raises:
            WorkbookDamaged: there is no such part, or it cannot be unpacked.
            WorkbookEncrypted: it is locked with a password.
            Bomb: it is longer than `most_bytes`, or all that was unpacked is too much.
        """
        info = self._parts.get(_plain(part))
        if info is None or info.compress_type not in _METHODS:
            raise WorkbookDamaged
        if info.flag_bits & _ENCRYPTED:
            raise WorkbookEncrypted
        size = 0
        with _reading(), self._zip.open(info) as content:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                self._left -= len(chunk)
                if self._left < 0 or (most_bytes is not None and size > most_bytes):
                    raise self._bomb()
                yield chunk

    def tags(self, part: str, most_bytes: int = MOST_LISTED) -> Iterator[Tag]:
        """The start tags of a part."""
        return tags_of(self.chunks(part, most_bytes))

    def relations(self, part: str) -> list[Relation]:
        """The parts that a part refers to; those of the package itself for an empty name.

        Raises:
            FormatUnknown: the package refers to nothing, so it is no workbook.
        """
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(relations):
            if not part:
                raise FormatUnknown
            return []
        return [
            Relation(
                tag.attributes.get("Id", ""),
                tag.attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, tag.attributes.get("Target", ""))),
            )
            for tag in self.tags(relations)
            if tag.name == "Relationship" and tag.attributes.get("TargetMode") != "External"
        ]

    def _bomb(self) -> Bomb:
        return Bomb(limit=self.most_bytes, ratio=MOST_SHRUNK)


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise WorkbookDamaged from error


class _Source:
    """An encrypted file as `zipfile` reads it.

    Attributes:
        may_read: how much may be read yet; None when it does not matter. The directory of a zip
            is read at once, however long it says it is.
    """

    def __init__(self, encrypted_file: EncryptedFile, too_much: Bomb) -> None:
        self.may_read: int | None = MOST_LISTED
        self._file, self._size, self._at = encrypted_file, encrypted_file.size, 0
        self._too_much = too_much
        self._window, self._window_at = b"", 0

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where reading goes on."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go on elsewhere.

        Raises:
            ValueError: before the beginning.
        """
        self._at = offset + (0, self._at, self._size)[whence]
        if self._at < 0:
            raise ValueError("before the beginning")
        return self._at

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        left = max(self._size - self._at, 0)
        size = left if size < 0 else min(size, left)
        if self.may_read is not None:
            self.may_read -= size
            if self.may_read < 0:
                raise self._too_much
        data = self._from_window(size)
        self._at += len(data)
        return data

    def _from_window(self, size: int) -> bytes:
        """Bytes from here on; `zipfile` asks for few at a time, and the file opens whole blocks."""
        begin = self._at - self._window_at
        if not 0 <= begin <= begin + size <= len(self._window):
            self._window = self._file.read(self._at, max(size, _WINDOW))
            self._window_at, begin = self._at, 0
        return self._window[begin : begin + size]
