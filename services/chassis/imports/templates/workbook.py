"""A workbook to fill in: headers with comments, drop-down lists, formatted columns.

Its first sheet holds the header and nothing else, so that nobody imports an example by mistake:
left as it is, it is refused as empty. How to fill it in, and an example, stand in sheets of their
own, which an import passes over.
"""

import io
import unicodedata
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.chassis.imports.spec import ImportSpec
from services.chassis.imports.templates.columns import TemplateColumn, template_columns
from services.chassis.imports.templates.wording import (
    allowed_in,
    choices_of,
    comment_on,
    example_of,
    need_of,
)
from services.chassis.text import Language, Text
from services.chassis.workbook import MAX_ROWS

EXAMPLES = Text("示例(不导入)", "Examples (not imported)")
_HELP = Text("填写说明", "How to fill in")
_CODES = Text("代码", "Codes")
_STEPS = (
    Text("{title}导入模板", "Template to import: {title}"),
    Text(
        "1. 只填写第一个工作表:每行一条记录,不要改动表头,不要合并单元格,不要使用公式。",
        "1. Fill in the first sheet only: a row for each record, without merged cells and "
        "formulas. Leave its header as it is.",
    ),
    Text(
        "2. 深色表头的列必填;将光标移到表头上可看到说明。未用到的选填列可以整列删除。",
        "2. Columns with a dark header are required; comments on the headers explain them. "
        "Optional columns that you do not need may be deleted.",
    ),
    Text(
        "3. 编号、代码列已设为文本,请勿改为数字,以免丢失位数;日期按 YYYY-MM-DD 填写。",
        "3. Numbers of persons and schools are formatted as text: keep them so, or digits get "
        "lost. Dates are YYYY-MM-DD.",
    ),
)
_TABLE = (
    Text("列", "Column"),
    Text("字段", "Field"),
    Text("是否必填", "Required"),
    Text("含义", "Meaning"),
    Text("允许的值", "Allowed"),
    Text("示例", "Example"),
)
_INVALID = Text("内容有误", "Not valid")
_TABLE_WIDTHS = (18, 18, 24, 44, 60, 26)
_FONT = {"font_name": "Microsoft YaHei", "font_size": 11}
_DARK, _LIGHT, _TAB = "#1F4E79", "#D9E2EC", "#A6A6A6"
_NUMBER_FORMATS = {"text": "@", "code": "@", "date": "yyyy-mm-dd"}
_NARROWEST, _WIDEST = 12, 40
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 12, 31)
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32
_LINE_PIXELS, _COMMENT_WIDTH, _COMMENT_COLUMNS = 20, 320, 40
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
        book.set_properties({"title": self._title, "created": _MADE_AT})
        self._plain = book.add_format(_FONT)
        self._wrapped = book.add_format({**_FONT, "text_wrap": True, "valign": "top"})
        self._heading = book.add_format({**_FONT, "bold": True, "font_size": 14})
        header = {**_FONT, "bold": True, "border": 1, "align": "center", "valign": "vcenter"}
        self._required = book.add_format(
            {**header, "bg_color": _DARK, "font_color": "#FFFFFF", "num_format": "@"}
        )
        self._optional = book.add_format({**header, "bg_color": _LIGHT, "num_format": "@"})
        self._formats = {
            kind: book.add_format({**_FONT, "num_format": number_format})
            for kind, number_format in _NUMBER_FORMATS.items()
        }

    def write(self) -> None:
        """Write all sheets; the order matters, the first one is imported."""
        rows = self._add_table(self._title)
        self._add_help()
        examples = self._add_table(EXAMPLES.render(self._language))
        examples.set_tab_color(_TAB)
        for index, column in enumerate(self._columns):
            self._write(examples, 1, index, example_of(column, self._language), column.kind)
        self._restrict(rows)
        rows.activate()

    def _add_table(self, name: str) -> Any:
        """A sheet with the header, formatted all the way down."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 24)
        for index, column in enumerate(self._columns):
            header = column.title.render(self._language)
            style = self._required if column.is_required else self._optional
            example = example_of(column, self._language)
            width = max(_width(header) + 4, _width(str(example)) + 2, _NARROWEST)
            cells = self._formats.get(column.kind, self._plain)
            sheet.set_column(index, index, min(width, _WIDEST), cells)
            sheet.write_string(0, index, header, style)
            self._comment(sheet, index, comment_on(column, self._language))
            if column.is_text:  # digits in a text are no mistake
                sheet.ignore_errors({"number_stored_as_text": _range(index, 1, MAX_ROWS)})
        return sheet

    def _comment(self, sheet: Any, index: int, words: str) -> None:
        lines = sum(1 + _width(line) // _COMMENT_COLUMNS for line in words.split("\n"))
        size = {"width": _COMMENT_WIDTH, "height": (lines + 1) * _LINE_PIXELS}
        sheet.write_comment(0, index, words, {**_FONT, **size, "font_size": 9, "author": "均衡"})

    def _add_help(self) -> None:
        sheet = self._book.add_worksheet(_HELP.render(self._language))
        sheet.set_tab_color(_TAB)
        sheet.hide_gridlines(2)
        for index, width in enumerate(_TABLE_WIDTHS):
            sheet.set_column(index, index, width, self._wrapped)
        for row, step in enumerate(_STEPS):
            words = step.render(self._language, title=self._title)
            sheet.write_string(row, 0, words, self._heading if row == 0 else self._plain)
        first = len(_STEPS) + 1
        for index, heading in enumerate(_TABLE):
            sheet.write_string(first, index, heading.render(self._language), self._optional)
        for row, column in enumerate(self._columns, first + 1):
            cells = (
                column.title.render(self._language),
                column.field,
                need_of(column, self._language),
                column.meaning.render(self._language),
                allowed_in(column, self._language),
                example_of(column, self._language),
            )
            for index, cell in enumerate(cells):
                words = "" if cell is None else str(cell)
                sheet.write_string(row, index, words, self._wrapped)

    def _restrict(self, rows: Any) -> None:
        """Let the cells take only what an import takes; the lists stand in a hidden sheet."""
        codes = self._book.add_worksheet(_CODES.render(self._language))
        codes.hide()
        for index, column in enumerate(self._columns):
            rule = _rule(column)
            if column.codes:
                choices = choices_of(column, self._language)
                codes.write_column(0, index, choices, self._formats["text"])
                place = _range(index, 0, len(choices) - 1, is_fixed=True)
                rule = {"validate": "list", "source": f"='{codes.get_name()}'!{place}"}
            if rule:
                message = allowed_in(column, self._language)[:_LONGEST_MESSAGE]
                title = f"{column.title.render(self._language)}:{_INVALID.render(self._language)}"
                words = {"error_title": title[:_LONGEST_TITLE], "error_message": message}
                rows.data_validation(1, index, MAX_ROWS, index, rule | words)

    def _write(self, sheet: Any, row: int, index: int, cell: Any, kind: str) -> None:
        style = self._formats.get(kind, self._plain)
        if isinstance(cell, date):
            sheet.write_datetime(row, index, cell, style)
        elif isinstance(cell, int | float):
            sheet.write_number(row, index, cell, style)
        elif cell is not None:
            sheet.write_string(row, index, cell, style)


def _rule(column: TemplateColumn) -> dict[str, Any]:
    """What a cell may hold, as spreadsheets check it; nothing where they cannot."""
    if column.kind == "date":
        days = {"minimum": _EARLIEST, "maximum": _LATEST}
        return {"validate": "date", "criteria": "between", **days}
    if column.kind in ("integer", "decimal") and column.highest is not None:
        limits = {"minimum": column.lowest or 0, "maximum": column.highest}
        return {"validate": column.kind, "criteria": "between", **limits}
    if column.kind == "text" and column.longest:
        return {"validate": "length", "criteria": "<=", "value": column.longest}
    return {}


def _range(index: int, first: int, last: int, *, is_fixed: bool = False) -> str:
    """Rows of one column, as spreadsheets write them."""
    return str(
        xlsxwriter.utility.xl_range_abs(first, index, last, index)
        if is_fixed
        else xlsxwriter.utility.xl_range(first, index, last, index)
    )


def _width(words: str) -> int:
    """How many columns of a typewriter a line takes: Chinese characters two each."""
    return sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in words)
