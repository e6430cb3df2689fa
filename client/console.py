"""Console output: results on standard output, all other messages on standard error."""

from rich.console import Console
from rich.markup import escape

from client.fault_table import show_faults
from client.problems import Problem, Unreachable
from client.text import Language, Text

_REQUEST = Text("请求编号 {id}", "request id {id}")
_UNREACHABLE = Text("无法连接 {url}：{reason}", "cannot reach {url}: {reason}")


def output_console() -> Console:
    """Standard output, for results."""
    return Console(soft_wrap=False)


def message_console() -> Console:
    """Standard error, for all other messages."""
    return Console(stderr=True)


def print_message(words: str, style: str = "") -> None:
    """Print a message on standard error without markup."""
    message_console().print(words, style=style, highlight=False, markup=False, soft_wrap=True)


def show_problem(console: Console, problem: Problem, language: Language) -> None:
    """Print why the server refused, with a table of faults."""
    title = f"[bold red]{escape(problem.title)}[/] ({problem.code})"
    console.print(title, highlight=False)
    if problem.detail:
        console.print(problem.detail, highlight=False, markup=False)
    if problem.faults:
        show_faults(console, language, problem.faults)
    if problem.request_id:
        console.print(_REQUEST.render(language, id=problem.request_id), style="dim")


def show_unreachable(console: Console, failure: Unreachable, language: Language) -> None:
    """Print thon the server cannot be reached."""
    message = _UNREACHABLE.render(language, url=failure.url, reason=failure.reason)
    console.print(message, style="red", highlight=False, markup=False)
