"""The children of an element of a huge XML document, many at a time.

A sheet has a million rows. It is cut where a child begins, so that every piece has whole ones.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from services.chassis.imports.declaration.file_problems import WorkbookDamaged

Element = ElementTree.Element
_MARK = b"\xef\xbb\xbf"
# Content allowed before the root: no document type, with which entities could come.
_BEFORE_ROOT = re.compile(rb"\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*", re.DOTALL)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?[\w.-]+)(?:\s[^>]*)?>")
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding=["']([\w.-]+)""")
_ENCODINGS = (b"utf-8", b"us-ascii", b"ascii")
_LONGEST_TAG = 1 << 12
_LONGEST_CHILD = 1 << 23


class Piece(NamedTuple):
    """Some whole children.

    Attributes:
        content: their XML.
        root: the start tag of the document, which declares their namespaces.
        name: of the root.
        prefix: of the children's names.
    """

    content: bytes
    root: bytes
    name: bytes
    prefix: bytes

    def text(self) -> str:
        """Their XML as text.

        Raises:
            WorkbookDamaged: it is not UTF-8.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            raise WorkbookDamaged from error

    def elements(self) -> list[Element]:
        """The children, parsed.

        Raises:
            WorkbookDamaged: they are no XML.
        """
        try:
            return list(ElementTree.XML(self.root + self.content + b"</" + self.name + b">"))
        except ElementTree.ParseError as error:
            raise WorkbookDamaged from error


class Elements:
    """One document, read from its beginning to its end.

    Raises:
        WorkbookDamaged: it does not begin like one.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = next(self._chunks, b"").removeprefix(_MARK)
        encoding = _ENCODING.match(self._rest)
        before = _BEFORE_ROOT.match(self._rest)
        root = _ROOT.match(self._rest, before.end() if before else 0)
        if root is None or (encoding and encoding[1].lower() not in _ENCODINGS):
            raise WorkbookDamaged
        self._root, self._name = root[0], root[1]

    def within(self, parent: str, child: str) -> Iterator[Piece]:
        """The children of the next `parent`; none when there is no such element any more.

        Raises:
            WorkbookDamaged: the document breaks off, or a child has no end.
        """
        prefix = self._enter(parent)
        if prefix is None:
            return
        first, last = b"<" + prefix + child.encode(), b"</" + prefix + parent.encode()
        while (end := self._rest.find(last)) < 0:
            if (at := self._rest.rfind(first)) > 0:
                yield self._cut(at, prefix)
            if len(self._rest) > _LONGEST_CHILD or not self._read():
                raise WorkbookDamaged
        yield self._cut(end, prefix)

    def finish(self) -> None:
        """Read the rest: a zip knows at the end of a part whether it was the right one."""
        while self._read():
            self._rest = b""

    def _enter(self, parent: str) -> bytes | None:
        """Go to the content of the next `parent`; its prefix, None when there is no content."""
        opening = re.compile(rb"<((?:[\w.-]+:)?)%s(?:\s[^<>]*)?>" % parent.encode())
        while not (found := opening.search(self._rest)):
            self._rest = self._rest[-_LONGEST_TAG:]
            if not self._read():
                return None
        self._rest = self._rest[found.end() :]
        return None if found[0].endswith(b"/>") else found[1]

    def _cut(self, at: int, prefix: bytes) -> Piece:
        content, self._rest = self._rest[:at], self._rest[at:]
        return Piece(content, self._root, self._name, prefix)

    def _read(self) -> bool:
        chunk = next(self._chunks, b"")
        self._rest += chunk
        return bool(chunk)


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
