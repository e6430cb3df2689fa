"""Rules of row scopes: which rows of its bureau one level sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from services.chassis.database.auth import Caller
from services.chassis.database.levels import (
    KNOWN,
    OWN_SCHOOLS,
    OWN_STAFF_NO,
    OWN_SUBJECT,
    CallerClaim,
)


class Condition(NamedTuple):
    """A condition in SQL; each `{}` of the template stands for one value."""

    template: str
    values: tuple[Any, ...] = ()


class Parent(Protocol):
    """The scope of a table that other tables are seen through (`RowScope`)."""

    @property
    def table(self) -> str:
        """Its name."""

    def under(self, alias: str, /) -> "Parent":
        """The same for a statement that calls the table `alias`."""

    def within_bureau(self, caller: Caller, /) -> list[Condition]:
        """Conditions on the rows within the bureau."""

    def admits(self, caller: Caller, /, **values: Any) -> bool:
        """Whether a row with these values is one that the caller may write."""


class Rule(Protocol):
    """Which rows of its bureau one level sees."""

    @property
    def is_of_bureau(self) -> bool:
        """Whether the rows are those of the caller's bureau only."""

    def conditions(self, caller: Caller, row: str) -> list[Condition]:
        """Conditions on the rows beyond that of the bureau.

        Args:
            caller: of this level.
            row: what qualifies the columns: nothing, or an alias with its dot.
        """

    def admits(self, caller: Caller, values: Mapping[str, Any]) -> bool:
        """Whether the caller sees a row with these values."""

    @property
    def policy(self) -> str:
        """The same as the condition of a row-security policy."""


@dataclass(frozen=True)
class AllOfBureau:
    """All rows of the bureau."""

    is_of_bureau: bool = field(default=True, init=False)

    def conditions(self, _caller: Caller, _row: str) -> list[Condition]:
        """None beyond the bureau."""
        return []

    def admits(self, _caller: Caller, _values: Mapping[str, Any]) -> bool:
        """Every row."""
        return True

    @property
    def policy(self) -> str:
        """None beyond the bureau."""
        return ""


@dataclass(frozen=True)
class AllBureaus:
    """All rows, of every bureau (platform administrators)."""

    is_of_bureau: bool = field(default=False, init=False)

    def conditions(self, _caller: Caller, _row: str) -> list[Condition]:
        """None."""
        return []

    def admits(self, _caller: Caller, _values: Mapping[str, Any]) -> bool:
        """Every row."""
        return True

    @property
    def policy(self) -> str:
        """Any session with a context."""
        return KNOWN


@dataclass(frozen=True)
class Matching:
    """Rows of which a column has a claim's value.

    Attributes:
        claim: of the caller.
        column: of the table.
        where: a further condition on the row, in which `{row}` qualifies columns.
        is_of_bureau: whether the rows are those of the caller's bureau only.
    """

    claim: CallerClaim
    column: str
    where: str = ""
    is_of_bureau: bool = True

    def conditions(self, caller: Caller, row: str) -> list[Condition]:
        """The comparison with the caller's claim."""
        matches = Condition(
            self.claim.matches(f"{row}{self.column}", "{}"), (self.claim.of(caller),)
        )
        return [matches, *([Condition(self.where.format(row=row))] if self.where else ())]

    def admits(self, caller: Caller, values: Mapping[str, Any]) -> bool:
        """Whether the column's value is the claim's; without a value it is not."""
        claimed, value = self.claim.of(caller), values.get(self.column)
        return value in claimed if self.claim.is_list else bool(value) and value == claimed

    @property
    def policy(self) -> str:
        """The comparison with the setting of the transaction."""
        matches = self.claim.matches(self.column, self.claim.in_context)
        return f"{matches} and {self.where.format(row='')}" if self.where else matches


def of_schools(column: str = "school_code") -> Matching:
    """Rows of the caller's schools."""
    return Matching(OWN_SCHOOLS, column)


def of_person(column: str = "staff_no", where: str = "") -> Matching:
    """Rows of the caller's own person."""
    return Matching(OWN_STAFF_NO, column, where)


@dataclass(frozen=True)
class Through:
    """Rows that belong to a row of another table which the caller sees.

    Attributes:
        parent: who sees that row.
        alias: its name in `on`.
        on: the condition that joins them, in which `{row}` qualifies the columns of this table.
        is_of_bureau: whether the rows are those of the caller's bureau only.
    """

    parent: "Parent"
    alias: str
    on: str
    is_of_bureau: bool = True

    def conditions(self, caller: Caller, row: str) -> list[Condition]:
        """A visible parent exists; nothing where the caller sees every parent of the bureau."""
        narrowed = self.parent.under(self.alias).within_bureau(caller)
        if not narrowed:
            return []
        joined = [self.on.format(row=row), *(one.template for one in narrowed)]
        exists = f"exists (select from {self.parent.table} {self.alias} where "
        values = tuple(value for one in narrowed for value in one.values)
        return [Condition(f"{exists}{' and '.join(joined)})", values)]

    def admits(self, caller: Caller, values: Mapping[str, Any]) -> bool:
        """Whether the caller sees a parent with these values."""
        return self.parent.admits(caller, **values)

    @property
    def policy(self) -> str:
        """A parent exists: its own policies do the narrowing."""
        on = self.on.format(row="{table}.")
        return f"exists (select from {{schema}}.{self.parent.table} {self.alias} where {on})"


@dataclass(frozen=True)
class ReadOnly:
    """Rows that a level may read and not write.

    Attributes:
        rule: which ones.
    """

    rule: Rule

    @property
    def is_of_bureau(self) -> bool:
        """As the rule that it wraps."""
        return self.rule.is_of_bureau

    def conditions(self, caller: Caller, row: str) -> list[Condition]:
        """As the rule that it wraps."""
        return self.rule.conditions(caller, row)

    def admits(self, _caller: Caller, _values: Mapping[str, Any]) -> bool:
        """No values to be written."""
        return False

    @property
    def policy(self) -> str:
        """As the rule that it wraps."""
        return self.rule.policy


@dataclass(frozen=True)
class Narrowing:
    """A condition that hides rows from some callers, regardless of their level.

    Attributes:
        conditions: for a caller, given what qualifies the columns.
        policies: what row security says of it, by level; it says nothing of what only the
            application knows.
    """

    conditions: Callable[[Caller, str], Sequence[Condition]]
    policies: Mapping[str, str] = field(default_factory=dict)


WHOLE_BUREAU: Rule = AllOfBureau()
EVERY_BUREAU: Rule = AllBureaus()
OF_ACCOUNT: Rule = Matching(OWN_SUBJECT, "subject")
