"""The start tags of an XML document, one after the other, without keeping any of it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from services.chassis.imports.declaration.file_problems import WorkbookDamaged


class Tag(NamedTuple):
    """A start tag; names are without their namespaces."""

    name: str
    attributes: dict[str, str]


def tags_of(chunks: Iterable[bytes]) -> Iterator[Tag]:
    """The start tags of a document.

    Raises:
        WorkbookDamaged: it is no XML, or declares entities.
    """
    found: list[Tag] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append(Tag(_local(name), {_local(key): value for key, value in attributes.items()}))

    def refuse(*_: object) -> None:
        raise WorkbookDamaged  # no workbook has a document type; entities come with one

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise WorkbookDamaged from error


def _local(name: str) -> str:
    return name.rpartition("}")[2]
