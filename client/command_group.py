"""How `junheng` reads its options and ends: shared options anywhere, failures as exit codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperGroup

from client import exits
from client.console import message_console, show_problem, show_unreachable, tell
from client.demo.errors import DemoFailed
from client.exports.job import ExportFailed
from client.imports.job import ImportFailed
from client.problems import JunhengError, Problem, Unreachable
from client.sample.errors import SchoolListError
from client.settings import Settings

# What typer calls any wrong use of a command; it keeps the class to itself.
_WrongUse = cast("type[Exception]", typer.BadParameter.__base__)


class CommandGroup(TyperGroup):
    """The command `junheng` with all its subcommands."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the command line; wrong use gets an exit code that no import has."""
        with _usage_code():
            return super().make_context(*args, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let options shared by all commands also stand after the command."""
        shared = {option for parameter in self.params for option in parameter.opts}
        return super().parse_args(ctx, in_front(args, shared))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a failure is said in words, and told by the exit code."""
        try:
            with _usage_code():
                return super().invoke(ctx)
        except (JunhengError, SchoolListError) as failure:
            raise typer.Exit(say_failure(failure, ctx.obj)) from failure


@contextmanager
def _usage_code() -> Iterator[None]:
    try:
        yield
    except _WrongUse as error:
        error.exit_code = exits.USAGE  # type: ignore[attr-defined]
        raise


def say_failure(failure: JunhengError | SchoolListError, settings: Settings) -> int:
    """Say what went wrong on standard error; the exit code for it."""
    console, language = message_console(), settings.language
    match failure:
        case Problem():
            show_problem(console, failure, language)
            return exits.UNREACHABLE if failure.is_outage else exits.REFUSED
        case (
            ImportFailed(problem=Problem() as problem) | ExportFailed(problem=Problem() as problem)
        ):
            show_problem(console, problem, language)
            return exits.REFUSED
        case Unreachable():
            show_unreachable(console, failure, language)
            return exits.UNREACHABLE
        case DemoFailed():
            tell(failure.says(language), style="red")
            return exits.REFUSED
        case SchoolListError():
            tell(failure.en if language == "en" else failure.zh, style="red")
            return exits.USAGE
        case _:
            tell(str(failure), style="red")
            return exits.REFUSED


def in_front(words: list[str], options: set[str]) -> list[str]:
    """`words` with those options, and their values, moved to the front."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word in options:
            front += [word, *(value for value in [next(waiting, None)] if value is not None)]
        elif word.partition("=")[0] in options:
            front.append(word)
        else:
            rest.append(word)
    return front + rest
