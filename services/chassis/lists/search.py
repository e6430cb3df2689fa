"""Search by the parameter `q` of a list."""

from dataclasses import dataclass
from typing import Protocol

from services.chassis.core.visible_text import visible

# One argument; LIKE's wildcards are taken literally.
_ANYWHERE = "'%' || replace(replace(replace({0}, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'"


class Search(Protocol):
    """How a list is searched."""

    @property
    def description(self) -> str:
        """Description of the parameter in the documentation."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Some of it, if it takes examples to understand."""

    def condition(self, q: str) -> tuple[str, list[str]]:
        """The SQL condition on rows that fit `q`, with `{0}`, `{1}` … for the values after it."""


def contains(*columns: str) -> str:
    """The condition that one of some columns holds the value `{0}` somewhere, in any case."""
    return "(" + " or ".join(f"{column} ilike {_ANYWHERE}" for column in columns) + ")"


@dataclass(frozen=True)
class TextSearch:
    """Rows with a piece of text in one of some columns."""

    columns: tuple[str, ...]
    description = "A piece of the text (片段)"
    examples = ("实验小学",)

    def condition(self, q: str) -> tuple[str, list[str]]:
        """See `Search`."""
        return contains(*self.columns), [visible(q)]
