"""Cell styles of a template."""

from typing import Any

from services.chassis.files.workbook import FONT, HEADER_STYLE
from services.chassis.imports.templates.columns import Kind

_DARK, _LIGHT = "#1F4E79", "#D9E2EC"
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
        dark = {**HEADER_STYLE, "bg_color": _DARK, "font_color": "#FFFFFF"}
        self.required = book.add_format(dark)
        self.optional = book.add_format({**HEADER_STYLE, "bg_color": _LIGHT})
        self.cells = {
            kind: book.add_format({**FONT, "num_format": number_format})
            for kind, number_format in _NUMBER_FORMATS.items()
        }
