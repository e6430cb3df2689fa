"""Command group of `junheng`: shared options in any position, failures as exit codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperGroup

from client import exit_codes
from client.console import message_console, print_message, show_problem, show_unreachable
from client.demo.errors import DemoFailed
from client.exports.job import ExportFailed
from client.imports.job import ImportFailed
from client.problems import JunhengError, Problem, Unreachable
from client.sample.errors import SchoolListError
from client.settings import Settings

# The base class of all usage errors, which typer does not export.
_WrongUse = cast("type[Exception]", typer.BadParameter.__base__)


class CommandGroup(TyperGroup):
    """The command `junheng` with its subcommands."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Parse the command line; usage errors get an exit code that no import uses."""
        with _usage_code():
            return super().make_context(*args, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Accept options shared by all commands after the command, too."""
        shared = {option for parameter in self.params for option in parameter.opts}
        return super().parse_args(ctx, options_first(args, shared))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; print a failure and end with its exit code."""
        try:
            with _usage_code():
                return super().invoke(ctx)
        except (JunhengError, SchoolListError) as failure:
            raise typer.Exit(report_failure(failure, ctx.obj)) from failure


@contextmanager
def _usage_code() -> Iterator[None]:
    try:
        yield
    except _WrongUse as error:
        error.exit_code = exit_codes.USAGE  # type: ignore[attr-defined]
        raise


def report_failure(failure: JunhengError | SchoolListError, settings: Settings) -> int:
    """Print a failure on standard error. Returns the exit code for it."""
    console, language = message_console(), settings.language
    match failure:
        case Problem():
            show_problem(console, failure, language)
            return exit_codes.UNREACHABLE if failure.is_outage else exit_codes.REFUSED
        case (
            ImportFailed(problem=Problem() as problem) | ExportFailed(problem=Problem() as problem)
        ):
            show_problem(console, problem, language)
            return exit_codes.REFUSED
        case Unreachable():
            show_unreachable(console, failure, language)
            return exit_codes.UNREACHABLE
        case DemoFailed():
            print_message(failure.describe(language), style="red")
            return exit_codes.REFUSED
        case SchoolListError():
            print_message(failure.en if language == "en" else failure.zh, style="red")
            return exit_codes.USAGE
        case _:
            print_message(str(failure), style="red")
            return exit_codes.REFUSED


def options_first(words: list[str], options: set[str]) -> list[str]:
    """`words` with these options and their values moved to the front."""
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
