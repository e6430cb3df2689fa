"""SQL conditions with their arguments."""

from enum import Enum
from typing import Any


class Where:
    """SQL conditions joined by AND, with their numbered arguments."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.args: list[Any] = []

    def arg(self, value: Any) -> str:
        """The placeholder of a new argument."""
        self.args.append(value.value if isinstance(value, Enum) else value)
        return f"${len(self.args)}"

    def add(self, template: str, *values: Any) -> None:
        """Add a condition; each `{}` becomes the placeholder of one value."""
        self.conditions.append(template.format(*(self.arg(value) for value in values)))

    def sql(self) -> str:
        """The `where` clause, always with at least one condition."""
        return "where " + (" and ".join(self.conditions) or "true")
