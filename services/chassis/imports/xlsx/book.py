"""The structure of a workbook: its sheets, and the parts that their cells refer to."""

from typing import NamedTuple

from services.chassis.imports.declaration.file_problems import (
    FileEmpty,
    FormatUnknown,
    SheetUnknown,
)
from services.chassis.imports.xlsx.package import Package
from services.chassis.imports.xlsx.rows import YES


class Sheet(NamedTuple):
    """A worksheet (charts are none).

    Attributes:
        name: as people see it.
        part: where its cells are.
        is_visible: whether people see it at all.
    """

    name: str
    part: str
    is_visible: bool


class Book(NamedTuple):
    """A workbook.

    Attributes:
        sheets: in order.
        counts_from_1904: whether day 0 is 1904-01-01.
        strings: the part with the texts that cells share; None when they share none.
        styles: the part with the formats of cells.
    """

    sheets: list[Sheet]
    counts_from_1904: bool
    strings: str | None
    styles: str | None

    def sheet(self, name: str | None) -> Sheet:
        """The sheet of this name, or the first one that can be seen.

        Raises:
            SheetUnknown: there is none of that name.
            FileEmpty: there is none at all.
        """
        if name is None:
            visible = [sheet for sheet in self.sheets if sheet.is_visible] or self.sheets
            if not visible:
                raise FileEmpty
            return visible[0]
        for sheet in self.sheets:
            if sheet.name.strip().casefold() == name.strip().casefold():
                return sheet
        raise SheetUnknown(sheet=name, sheets="、".join(sheet.name for sheet in self.sheets))


def read_book(package: Package) -> Book:
    """Read what a workbook consists of.

    Raises:
        FormatUnknown: it is some other document.
        WorkbookDamaged: it cannot be read.
    """
    part = _main_part(package)
    relations = package.relations(part)
    worksheets = {one.id: one.part for one in relations if one.kind == "worksheet"}
    sheets: list[Sheet] = []
    counts_from_1904 = False
    for number, tag in enumerate(package.tags(part)):
        if number == 0 and tag.name != "workbook":
            raise FormatUnknown
        if tag.name == "workbookPr":
            counts_from_1904 = tag.attributes.get("date1904") in YES
        elif tag.name == "sheet" and (found := worksheets.get(tag.attributes.get("id", ""))):
            state = tag.attributes.get("state", "visible")
            sheets.append(Sheet(tag.attributes.get("name", ""), found, state == "visible"))
        elif tag.name == "definedNames":  # of which there may be very many
            break
    parts = {one.kind: one.part for one in relations if package.has(one.part)}
    return Book(sheets, counts_from_1904, parts.get("sharedStrings"), parts.get("styles"))


def _main_part(package: Package) -> str:
    for relation in package.relations(""):
        if relation.kind == "officeDocument" and relation.part.lower().endswith(".xml"):
            return relation.part
    raise FormatUnknown
