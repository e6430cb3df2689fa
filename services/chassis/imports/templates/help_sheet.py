"""The sheet that explains how a template is filled in."""

from collections.abc import Sequence
from typing import Any

from services.chassis.core.text import Language, Text
from services.chassis.imports.templates.columns import TemplateColumn
from services.chassis.imports.templates.styles import Styles
from services.chassis.imports.templates.wording import allowed_in, example_of, need_of

_STEPS = (
    Text("{title}导入模板", "Template to import: {title}"),
    Text(
        "1. 只填写第一个工作表：每行一条记录，不要改动表头，不要合并单元格，不要使用公式。",
        "1. Fill in the first sheet only: a row for each record, without merged cells and "
        "formulas. Leave its header as it is.",
    ),
    Text(
        "2. 深色表头的列必填；将光标移到表头上可看到说明。未用到的选填列可以整列删除。",
        "2. Columns with a dark header are required; comments on the headers explain them. "
        "Optional columns that you do not need may be deleted.",
    ),
    Text(
        "3. 编号、代码列已设为文本，请勿改为数字，以免丢失位数；日期按 YYYY-MM-DD 填写。",
        "3. Numbers of persons and schools are formatted as text: keep them so, or digits get "
        "lost. Dates are YYYY-MM-DD.",
    ),
)
# Headings and widths of the table of columns.
_TABLE = {
    Text("列", "Column"): 18,
    Text("字段", "Field"): 18,
    Text("是否必填", "Required"): 24,
    Text("含义", "Meaning"): 44,
    Text("允许的值", "Allowed"): 60,
    Text("示例", "Example"): 26,
}


def write_help(
    sheet: Any, styles: Styles, title: str, columns: Sequence[TemplateColumn], language: Language
) -> None:
    """Write what to do, and a table of the columns."""
    sheet.hide_gridlines(2)
    for row, step in enumerate(_STEPS):
        words = step.render(language, title=title)
        sheet.write_string(row, 0, words, styles.plain if row else styles.heading)
    first = len(_STEPS) + 1
    for index, (heading, width) in enumerate(_TABLE.items()):
        sheet.set_column(index, index, width, styles.wrapped)
        sheet.write_string(first, index, heading.render(language), styles.optional)
    for row, column in enumerate(columns, first + 1):
        for index, words in enumerate(_help_cells(column, language)):
            sheet.write_string(row, index, words, styles.wrapped)


def _help_cells(column: TemplateColumn, language: Language) -> tuple[str, ...]:
    example = example_of(column, language)
    return (
        column.title.render(language),
        column.field,
        need_of(column, language),
        column.meaning.render(language),
        allowed_in(column, language),
        "" if example is None else str(example),
    )
