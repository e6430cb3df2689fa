"""Cell styles of a template."""

from typing import Any

from services.chassis.imports.templates.columns import Kind

# Has Chinese characters on Windows and macOS; elsewhere programs take one that has.
FONT = {"font_name": "Microsoft YaHei", "font_size": 11}
_DARK, _LIGHT = "#1F4E79", "#D9E2EC"
_HEADER = {**FONT, "bold": True, "border": 1, "align": "center", "valign": "vcenter"}
_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "code": "@",
    "date": "yyyy-mm-dd",
    "integer": "General",
    "decimal": "General",
}


class Styles:
    """The formats of one workbook.

    Attributes:
        plain: of words.
        wrapped: of words that may take several lines.
        heading: of the title of a sheet.
        required: of headers of columns that must be filled in.
        optional: of other headers.
        cells: of what is filled in, by kind.
    """

    def __init__(self, book: Any) -> None:
        self.plain = book.add_format(FONT)
        self.wrapped = book.add_format({**FONT, "text_wrap": True, "valign": "top"})
        self.heading = book.add_format({**FONT, "bold": True, "font_size": 14})
        self.required = book.add_format({**_HEADER, "bg_color": _DARK, "font_color": "#FFFFFF"})
        self.optional = book.add_format({**_HEADER, "bg_color": _LIGHT})
        self.cells = {
            kind: book.add_format({**FONT, "num_format": number_format})
            for kind, number_format in _NUMBER_FORMATS.items()
        }
