"""Rules between the fields of a row, applied to the cells of a part."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from services.chassis.core.errors import Fault
from services.chassis.imports.checks.cells import ABSENT, REMEMBERABLE, Column
from services.chassis.schemas.fields import Rule
from services.chassis.schemas.validation import faults_of

_REMEMBERED = 20_000


class Finding(NamedTuple):
    """The result of a rule for one row.

    Attributes:
        faults: what is wrong with it.
        later: what is wrong with it if it is a new one: a field that the rule looks at is
            absent, and will have its default then. A stored row has a value for it.
    """

    faults: list[Fault]
    later: list[Fault]


GOOD = Finding([], [])


class RuleReader(dict[tuple[Any, ...], Finding]):
    """One rule over raw cells; remembers what it has seen."""

    def __init__(self, rule: Rule, columns: dict[str, Column]) -> None:
        super().__init__()
        self.fields = rule.fields
        self._rule = rule
        self._columns = [columns[name] for name in rule.fields]

    def findings(self, cells: Sequence[Sequence[Any]]) -> Sequence[Finding]:
        """The result of the rule for each row, given its fields' cells; empty if all are good."""
        if len(self) > _REMEMBERED:
            self.clear()
        try:
            different = set(zip(*cells, strict=True))
            if all(self[row] is GOOD for row in different):
                return ()
            return [self[row] for row in zip(*cells, strict=True)]
        except (TypeError, KeyError):  # not all of them are text
            return [self._judge(row) for row in zip(*cells, strict=True)]

    def __missing__(self, cells: tuple[Any, ...]) -> Finding:
        if not all(type(cell) in REMEMBERABLE or cell is ABSENT for cell in cells):
            raise KeyError(cells)
        found = self[cells] = self._judge(cells)
        return found

    def _judge(self, cells: tuple[Any, ...]) -> Finding:
        absent = [column for column, x in zip(self._columns, cells, strict=True) if x is ABSENT]
        if len(absent) == len(cells) or any(column.is_required for column in absent):
            return GOOD  # nothing to judge, or only to be judged beside a stored row
        if any(map(Column.faults, self._columns, cells)):
            return GOOD  # a cell is at fault, which is said already
        values = (column.value(x) for column, x in zip(self._columns, cells, strict=True))
        found = broken_rule(self._rule, dict(zip(self.fields, values, strict=True)))
        return Finding([], found) if absent else Finding(found, [])


def broken_rule(rule: Rule, values: dict[str, Any]) -> list[Fault]:
    """The faults that a rule finds in checked values."""
    try:
        rule.check(values)
    except PydanticCustomError as error:
        raised = {"loc": (rule.fields[0],), "type": error.type, "ctx": error.context}
        return faults_of([raised])
    return []
