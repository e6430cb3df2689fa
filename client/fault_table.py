"""Faults as a table, equal faults grouped with their row numbers."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from client.problems import Fault
from client.text import Language, Text

_MAX_LINES = 10
_MAX_ROWS = 3
_ROWS, _FIELD, _FAULT = Text("行", "Row"), Text("字段", "Field"), Text("问题", "Fault")
_MORE = Text("另有 {more:,} 处，共 {all:,} 处", "and {more:,} more, {all:,} in total")
_ROWS_OF = Text("{rows} 等 {count:,} 行", "{rows} … ({count:,})")


def show_faults(
    console: Console,
    language: Language,
    faults: Sequence[Fault],
    *,
    count: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Print faults, and the number of those not shown.

    Args:
        console: console to print on.
        language: language of the headings.
        faults: the first faults.
        count: total number of faults, if greater.
        headers: column headers of the file by field.
    """
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.field_name, f"{fault.message} ({fault.code})"), []).append(fault)
    table = Table()
    table.add_column(_ROWS.render(language), overflow="fold")
    table.add_column(_FIELD.render(language), overflow="fold")
    table.add_column(_FAULT.render(language), overflow="fold")
    shown = 0
    for (field, words), same in [*groups.items()][:_MAX_LINES]:
        shown += len(same)
        header = (headers or {}).get(field, field)
        table.add_row(_rows(same, language), escape(header), escape(words))
    console.print(table)
    all_of_them = count or len(faults)
    if all_of_them > shown:
        more = _MORE.render(language, more=all_of_them - shown, all=all_of_them)
        console.print(more, highlight=False)


def _rows(faults: Sequence[Fault], language: Language) -> str:
    """Numbers of the first rows with a fault, and the number of such rows."""
    rows = [str(fault.row) for fault in faults if fault.row is not None]
    first = ", ".join(rows[:_MAX_ROWS])
    if len(rows) <= _MAX_ROWS:
        return first
    return _ROWS_OF.render(language, rows=first, count=len(rows))
