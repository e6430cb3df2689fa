"""Row scopes: who sees which rows of a table, declared once per table.

From the declaration come the condition of lists (`Listing.scope`), the criterion of ORM statements,
the literal SQL of imports, the check of values that a caller sends, and the row-security policies
that a test compares with those in PostgreSQL. Each level has one rule: a level without one sees no
row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, text
from sqlmodel import SQLModel

from services.chassis.core.errors import SeesNoRows
from services.chassis.database.auth import Caller
from services.chassis.database.levels import EVERYBODY, OWN_BUREAU, PLATFORM, SERVICE, Policy
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.row_rules import Condition, Narrowing, ReadOnly, Rule, Through

_NOTHING = Condition("false")


@dataclass(frozen=True)
class RowScope:
    """Who sees which rows of a table.

    Attributes:
        table: its name.
        rules: by level; a level without a rule sees no row.
        narrowing: what keeps rows from some callers of every level.
        alias: the table's name in the statement, if it has another one there.
        has_built_in: whether the source of a list adds rows of no bureau that everybody sees.
    """

    table: str
    rules: Mapping[str, Rule]
    narrowing: Narrowing | None = None
    alias: str = ""
    has_built_in: bool = False

    def under(self, alias: str) -> "RowScope":
        """The same for a statement that calls the table `alias`."""
        return replace(self, alias=alias)

    def only(self, *levels: str) -> "RowScope":
        """The same for these levels, and no row for others."""
        return replace(self, rules={level: self.rules[level] for level in levels})

    def with_built_in(self) -> "RowScope":
        """The same for a list that adds rows of no bureau, which everybody sees."""
        return replace(self, has_built_in=True)

    def joined(self, alias: str) -> "RowScope":
        """The same for a statement that joins each row with its parent, under `alias`."""
        parents = (rule.parent for rule in self.rules.values() if isinstance(rule, Through))
        parent = next(parents)
        assert isinstance(parent, RowScope)
        return parent.under(alias)

    def __call__(self, caller: Caller, where: Where) -> None:
        """Add the caller's row condition (`Listing.scope`)."""
        for template, values in self.conditions(caller):
            where.add(template, *values)

    def shows_rows_to(self, caller: Caller) -> bool:
        """Whether the caller's level may see any row.

        Raises:
            MissingScope: a platform account asks for what belongs to bureaus.
        """
        return self.has_built_in or self._rule(caller) is not None

    def conditions(self, caller: Caller) -> list[Condition]:
        """The condition on the rows that the caller sees.

        Raises:
            MissingScope: a platform account asks for what belongs to bureaus.
        """
        rule = self._rule(caller)
        if rule is None:
            return (
                [Condition(f"{self._row}bureau_code is null")] if self.has_built_in else [_NOTHING]
            )
        if not rule.is_of_bureau:
            return self.within_bureau(caller)
        of_bureau = f"{self._row}bureau_code = {{}}"
        if self.has_built_in:
            of_bureau = f"({of_bureau} or {self._row}bureau_code is null)"
        return [Condition(of_bureau, (caller.bureau,)), *self.within_bureau(caller)]

    def within_bureau(self, caller: Caller) -> list[Condition]:
        """Conditions on the rows within the bureau."""
        return [*self._of_level(caller), *self.narrowed(caller)]

    def narrowed(self, caller: Caller) -> list[Condition]:
        """Conditions that hide rows from this caller, regardless of the level."""
        return [*self.narrowing.conditions(caller, self._row)] if self.narrowing else []

    def criterion(self, caller: Caller, model: type[SQLModel]) -> ColumnElement[bool]:
        """The condition for an ORM statement on `model`, which is the table's."""
        table = str(model.__tablename__)
        return _clause(self.under(table).conditions(caller))

    def literal(self, caller: Caller) -> str:
        """The condition without arguments, for statements that have their own."""
        return _literal(self.conditions(caller))

    def level_literal(self, caller: Caller) -> str:
        """SQL condition of the caller's level within its bureau, without arguments."""
        return _literal(self._of_level(caller))

    def narrowed_literal(self, caller: Caller) -> str:
        """SQL condition that hides rows from this caller, without arguments."""
        return _literal(self.narrowed(caller))

    def admits(self, caller: Caller, /, **values: Any) -> bool:
        """Whether a row of the bureau with these values is one that the caller may write."""
        rule = self._rule(caller)
        return rule is not None and rule.admits(caller, values)

    def protection(self, schema: str) -> dict[str, Policy]:
        """The row-security policies of the table, by level."""
        policies = {SERVICE: Policy(EVERYBODY)}
        for level, rule in self.rules.items():
            parts = [OWN_BUREAU.matches("bureau_code", OWN_BUREAU.in_context)] * rule.is_of_bureau
            parts.append(rule.policy.format(schema=schema, table=self.table))
            if self.narrowing:
                parts.append(self.narrowing.policies.get(level, ""))
            condition = " and ".join(filter(None, parts))
            policies[level] = Policy(condition, isinstance(rule, ReadOnly))
        return policies

    @property
    def _row(self) -> str:
        return f"{self.alias}." if self.alias else ""

    def _rule(self, caller: Caller) -> Rule | None:
        rule = self.rules.get(caller.level)
        if rule is None and PLATFORM not in self.rules:
            _ = caller.bureau_code  # refused, if there is none
        return rule

    def _of_level(self, caller: Caller) -> list[Condition]:
        rule = self._rule(caller)
        return [_NOTHING] if rule is None else rule.conditions(caller, self._row)


def require_rows(scope: object, caller: Caller) -> None:
    """Refuse a caller whose level never sees a row: an empty list would look like no data.

    Raises:
        SeesNoRows: the declared scope has no rule for the level.
        MissingScope: a platform account asks for what belongs to bureaus.
    """
    if isinstance(scope, RowScope) and not scope.shows_rows_to(caller):
        raise SeesNoRows(caller.level)


def _clause(conditions: Sequence[Condition]) -> ColumnElement[bool]:
    """Conditions as one clause of SQLAlchemy, with a bound parameter for each value."""
    names = iter(f"seen_{n}" for n in range(100))
    parts, bound = [], []
    for template, values in conditions:
        mine = [next(names) for _ in values]
        parts.append(template.format(*(f"(:{name})" for name in mine)))
        bound += [_bound(*pair) for pair in zip(mine, values, strict=True)]
    clause: Any = text(" and ".join(parts) or "true").bindparams(*bound)
    condition: ColumnElement[bool] = clause
    return condition


def _bound(name: str, value: Any) -> Any:
    kind = ARRAY(Text) if isinstance(value, list) else Text()
    return bindparam(name, value, kind, unique=True)


def _literal(conditions: Sequence[Condition]) -> str:
    """Conditions as SQL without arguments."""
    filled = (template.format(*map(_quoted, values)) for template, values in conditions)
    return " and ".join(filled) or "true"


def _quoted(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"array[{', '.join(map(_quoted, value))}]::text[]"
    return "'" + value.replace("'", "''") + "'"
