"""Terminal report of a preview: columns with their first values, and faults."""

from rich.console import Console
from rich.table import Table
from rich.text import Text as Words

from client.fault_table import show_faults
from client.imports.preview import Preview, PreviewColumn
from client.text import Language, Text

_ROWS = 2
_MAX_CELL = 40
_FORMAT = Text("格式 {format}", "format {format}")
_ENCODING = Text("编码 {encoding}", "encoding {encoding}")
_DELIMITER = Text("分隔符 {delimiter}", "delimiter {delimiter}")
_SHEET = Text("工作表 {sheet}（共 {all} 个）", "sheet {sheet} (of {all})")
_HEADER = Text("表头在第 {row} 行", "header in row {row}")
_CHECKED = Text(
    "已检查前 {rows:,} 行，发现 {faults:,} 处错误；未导入任何内容",
    "first {rows:,} rows checked, {faults:,} faults; nothing imported",
)
_COLUMN, _FIELD = Text("列", "Column"), Text("字段", "Field")
_ROW = Text("第 {row} 行", "Row {row}")
_IGNORED = Text("忽略", "ignored")
_UNKNOWN = Text("未知", "unknown")
_PERHAPS = Text("{title} {field}？", "{field}?")
_MISSING = Text("缺少必填字段：{fields}", "missing required fields: {fields}")
_TAB = Text("制表符", "tab")


_EARLIER = Text(
    "表头相同的文件曾导入（{file}），可沿用其对应关系：--like {id}",
    "a file with this header was imported before ({file}): take over its mappings with --like {id}",
)


class PreviewReport:
    """Prints previews in one language."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console, self._language = console, language

    def show(self, preview: Preview) -> None:
        """Print the preview of a file."""
        self._print(" · ".join(self._form(preview)), style="bold")
        self._console.print(self._columns(preview))
        if preview.missing:
            separator = ", " if self._language == "en" else "、"
            fields = [f"{one.title(self._language)} ({one.field})" for one in preview.missing]
            self._print(self._render(_MISSING, fields=separator.join(fields)), style="yellow")
        if preview.faults:
            headers = {one.field: one.header for one in preview.columns if one.field}
            show_faults(
                self._console,
                self._language,
                preview.first_faults,
                count=preview.fault_count,
                headers=headers,
            )
        if preview.earlier:
            file = preview.earlier.file_name or "-"
            self._print(self._render(_EARLIER, id=preview.earlier.id, file=file))
        for notice in preview.notices:
            self._print(f"{notice.message} ({notice.code})", style="yellow")
        self._print(
            self._render(_CHECKED, rows=preview.rows_checked, faults=preview.fault_count),
            style="red" if preview.fault_count else "green",
        )

    def _form(self, preview: Preview) -> list[str]:
        words = [self._render(_FORMAT, format=preview.format)]
        if preview.encoding:
            words.append(self._render(_ENCODING, encoding=preview.encoding))
        if preview.delimiter:
            tab = preview.delimiter == "\t"
            delimiter = self._render(_TAB) if tab else preview.delimiter
            words.append(self._render(_DELIMITER, delimiter=delimiter))
        if preview.sheet:
            words.append(self._render(_SHEET, sheet=preview.sheet, all=len(preview.sheets)))
        if preview.header_row:
            words.append(self._render(_HEADER, row=preview.header_row))
        return words

    def _columns(self, preview: Preview) -> Table:
        """Each column with its field and its first values, as a table that fits a terminal."""
        rows = preview.rows[:_ROWS]
        table = Table()
        for heading in (self._render(_COLUMN), self._render(_FIELD)):
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_column(self._render(_ROW, row=row.row), overflow="fold")
        for index, column in enumerate(preview.columns):
            cells = [row.values.get(column.field or "", row.cells[index]) for row in rows]
            shown = [Words(_shown(cell)) for cell in cells]
            table.add_row(Words(column.header), self._field(column), *shown)
        return table

    def _field(self, column: PreviewColumn) -> Words:
        if column.field:
            return Words(column.field, style="green")
        if column.is_ignored:
            return Words(self._render(_IGNORED), style="dim")
        if not column.suggestions:
            return Words(self._render(_UNKNOWN), style="red")
        guesses = [
            self._render(_PERHAPS, title=one.title(self._language), field=one.field)
            for one in column.suggestions
        ]
        return Words("\n".join(guesses), style="yellow")

    def _print(self, words: str, style: str = "") -> None:
        self._console.print(words, style=style, highlight=False, markup=False)

    def _render(self, text: Text, **params: object) -> str:
        return text.render(self._language, **params)


def _shown(value: object) -> str:
    words = "" if value is None else str(value)
    return words if len(words) <= _MAX_CELL else f"{words[:_MAX_CELL]}…"
