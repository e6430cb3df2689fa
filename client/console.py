"""How the command line speaks: results on standard output, everything else on standard error."""

from rich.console import Console
from rich.table import Table

from client.problems import Problem, Unreachable
from client.text import Language, Text

_MOST_FAULTS = 20
_ROW, _FIELD, _FAULT = Text("行", "Row"), Text("字段", "Field"), Text("问题", "Fault")
_MORE = Text("另有 {more} 处,共 {all} 处", "and {more} more, {all} in all")
_REQUEST = Text("请求编号 {id}", "request id {id}")
_UNREACHABLE = Text("无法连接 {url}:{reason}", "cannot reach {url}: {reason}")


def output_console() -> Console:
    """Standard output, for results."""
    return Console(soft_wrap=False)


def message_console() -> Console:
    """Standard error, for everything else."""
    return Console(stderr=True)


def show_problem(console: Console, problem: Problem, language: Language) -> None:
    """Say why the server refused, with a table of faults."""
    console.print(f"[bold red]{problem.title}[/] ({problem.code})", highlight=False)
    if problem.detail:
        console.print(problem.detail, highlight=False, markup=False)
    if problem.faults:
        console.print(_faults(problem, language))
    if (more := len(problem.faults) - _MOST_FAULTS) > 0:
        console.print(_MORE.render(language, more=more, all=len(problem.faults)))
    if problem.request_id:
        console.print(_REQUEST.render(language, id=problem.request_id), style="dim")


def show_unreachable(console: Console, failure: Unreachable, language: Language) -> None:
    """Say that no answer came."""
    said = _UNREACHABLE.render(language, url=failure.url, reason=failure.reason)
    console.print(said, style="red", highlight=False, markup=False)


def _faults(problem: Problem, language: Language) -> Table:
    table = Table()
    for heading in (_ROW, _FIELD, _FAULT):
        justify = "right" if heading is _ROW else "left"
        table.add_column(heading.render(language), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for fault in problem.faults[:_MOST_FAULTS]:
        row = str(fault.row) if fault.row is not None else ""
        table.add_row(row, fault.field_name, f"{fault.message} ({fault.code})")
    return table
