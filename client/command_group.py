"""How `junheng` reads its options and ends: shared options anywhere, failures as exit codes."""

from typing import Any

import typer
from typer.core import TyperGroup

from client.console import message_console, show_problem, show_unreachable
from client.demo.errors import DemoFailed
from client.problems import Problem, Unreachable
from client.sample.errors import SchoolListError
from client.settings import Settings

REFUSED, USAGE, UNREACHABLE = 1, 2, 3


class CommandGroup(TyperGroup):
    """The command `junheng` with all its subcommands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let options shared by all commands also stand after the command."""
        shared = {option for parameter in self.params for option in parameter.opts}
        return super().parse_args(ctx, in_front(args, shared))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a failure is said in words, and told by the exit code."""
        try:
            return super().invoke(ctx)
        except (Problem, Unreachable, DemoFailed, SchoolListError) as failure:
            raise typer.Exit(say_failure(failure, ctx.obj)) from failure


def say_failure(
    failure: Problem | Unreachable | DemoFailed | SchoolListError, settings: Settings
) -> int:
    """Say what went wrong on standard error; the exit code for it."""
    console, language = message_console(), settings.language
    match failure:
        case Problem():
            show_problem(console, failure, language)
            return REFUSED
        case Unreachable():
            show_unreachable(console, failure, language)
            return UNREACHABLE
        case DemoFailed():
            console.print(failure.says(language), style="red", highlight=False, markup=False)
            return REFUSED
        case SchoolListError():
            said = failure.en if language == "en" else failure.zh
            console.print(said, style="red", highlight=False, markup=False)
            return USAGE


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
