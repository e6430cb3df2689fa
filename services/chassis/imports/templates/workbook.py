"""A workbook to fill in: headers with comments, drop-down lists, formatted columns.

Its first sheet holds the header and nothing else, so that nobody imports an example by mistake:
left as it is, it is refused as empty. How to fill it in, and an example, stand in sheets of their
own, which an import passes over.
"""

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_range_abs

from services.chassis.core.text import Language, Text
from services.chassis.files.workbook import FONT, MAX_ROWS, width_of
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.templates.columns import TemplateColumn, template_columns
from services.chassis.imports.templates.help_sheet import write_help
from services.chassis.imports.templates.rules import rule_of
from services.chassis.imports.templates.styles import Styles
from services.chassis.imports.templates.wording import choices_of, comment_on, example_of

EXAMPLES = Text("示例（不导入）", "Examples (not imported)")
_HELP = Text("填写说明", "How to fill in")
_CODES = Text("代码", "Codes")
_TAB = "#A6A6A6"
_HEADER_HEIGHT, _NARROWEST, _WIDEST = 24, 12, 40
_LINE_PIXELS, _COMMENT_PIXELS, _COMMENT_COLUMNS = 20, 320, 40
# The same content gives the same file.
_MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 -- a workbook knows no time zone


def template_workbook(spec: ImportSpec, language: Language) -> bytes:
    """The workbook to fill in for a resource."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        _Template(book, spec, language).write()
    return content.getvalue()


class _Template:
    """Writes one template."""

    def __init__(self, book: Any, spec: ImportSpec, language: Language) -> None:
        self._book, self._language = book, language
        self._title = spec.title.render(language)
        self._columns = template_columns(spec)
        self._styles = Styles(book)
        book.set_properties({"title": self._title, "created": _MADE_AT})

    def write(self) -> None:
        """Write all sheets; the order matters, the first one is imported."""
        rows = self._add_table(self._title)
        explained = self._book.add_worksheet(_HELP.render(self._language))
        explained.set_tab_color(_TAB)
        write_help(explained, self._styles, self._title, self._columns, self._language)
        examples = self._add_table(EXAMPLES.render(self._language))
        examples.set_tab_color(_TAB)
        for index, column in enumerate(self._columns):
            self._write(examples, index, column)
        self._restrict(rows)
        rows.activate()

    def _add_table(self, name: str) -> Any:
        """A sheet with the header, formatted all the way down."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, _HEADER_HEIGHT)
        for index, column in enumerate(self._columns):
            header = column.title.render(self._language)
            example = example_of(column, self._language)
            width = max(width_of(header) + 4, width_of(str(example)) + 2, _NARROWEST)
            sheet.set_column(index, index, min(width, _WIDEST), self._styles.cells[column.kind])
            style = self._styles.required if column.is_required else self._styles.optional
            sheet.write_string(0, index, header, style)
            self._comment(sheet, index, comment_on(column, self._language))
        texts = [index for index, column in enumerate(self._columns) if column.is_text]
        places = " ".join(xl_range(1, index, MAX_ROWS, index) for index in texts)
        sheet.ignore_errors({"number_stored_as_text": places})  # digits of a text are no mistake
        return sheet

    def _comment(self, sheet: Any, index: int, words: str) -> None:
        lines = sum(1 + width_of(line) // _COMMENT_COLUMNS for line in words.split("\n"))
        size = {"width": _COMMENT_PIXELS, "height": (lines + 1) * _LINE_PIXELS}
        sheet.write_comment(0, index, words, {**FONT, **size, "font_size": 9, "author": "均衡"})

    def _restrict(self, rows: Any) -> None:
        """Let cells hold only what an import takes; the lists stand in a hidden sheet."""
        codes = self._book.add_worksheet(_CODES.render(self._language))
        codes.hide()
        for index, column in enumerate(self._columns):
            choices = choices_of(column, self._language)
            codes.write_column(0, index, choices, self._styles.cells["text"])
            last = max(len(choices) - 1, 0)
            place = f"='{codes.get_name()}'!{xl_range_abs(0, index, last, index)}"
            if rule := rule_of(column, place, self._language):
                rows.data_validation(1, index, MAX_ROWS, index, rule)

    def _write(self, sheet: Any, index: int, column: TemplateColumn) -> None:
        """Write the example of a column, in the type that its cells have."""
        example, style = example_of(column, self._language), self._styles.cells[column.kind]
        if isinstance(example, date):
            sheet.write_datetime(1, index, example, style)
        elif isinstance(example, int | float):
            sheet.write_number(1, index, example, style)
        elif example is not None:
            sheet.write_string(1, index, example, style)
