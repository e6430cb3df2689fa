"""Faults as a table: equal ones stand together, with the rows that have them."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from client.problems import Fault
from client.text import Language, Text

_MOST_LINES = 10
_MOST_ROWS = 3
_ROWS, _FIELD, _FAULT = Text("行", "Row"), Text("字段", "Field"), Text("问题", "Fault")
_MORE = Text("另有 {more:,} 处,共 {all:,} 处", "and {more:,} more, {all:,} in all")
_ROWS_OF = Text("{rows} …(共 {count:,})", "{rows} … ({count:,})")


def show_faults(
    console: Console,
    language: Language,
    faults: Sequence[Fault],
    *,
    count: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Show faults, and how many there are beside those shown.

    Args:
        console: where to.
        language: of the words around.
        faults: the first ones.
        count: how many there are in all, where that is more.
        headers: what the file calls its fields.
    """
    alike: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.field_name, f"{fault.message} ({fault.code})"), []).append(fault)
    table = Table()
    table.add_column(_ROWS.render(language), overflow="fold")
    table.add_column(_FIELD.render(language), overflow="fold")
    table.add_column(_FAULT.render(language), overflow="fold")
    shown = 0
    for (field, words), same in [*alike.items()][:_MOST_LINES]:
        shown += len(same)
        header = (headers or {}).get(field, field)
        table.add_row(_rows(same, language), escape(header), escape(words))
    console.print(table)
    all_of_them = count or len(faults)
    if all_of_them > shown:
        more = _MORE.render(language, more=all_of_them - shown, all=all_of_them)
        console.print(more, highlight=False)


def _rows(faults: Sequence[Fault], language: Language) -> str:
    """The first rows that have a fault, and how many have it."""
    rows = [str(fault.row) for fault in faults if fault.row is not None]
    first = ", ".join(rows[:_MOST_ROWS])
    if len(rows) <= _MOST_ROWS:
        return first
    return _ROWS_OF.render(language, rows=first, count=len(rows))
