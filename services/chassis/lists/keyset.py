"""Keyset paging: order of a list, and the rows after a position, for any order.

The order is PostgreSQL's own: null is greater than every value, so last ascending and first
descending. Conditions are written so that an index in this order can be entered at the place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin
from uuid import UUID

from services.chassis.database.sql_conditions import Where


def plain_type(annotation: Any) -> Any:
    """`T` of an optional `T`, without its constraints."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def is_nullable(annotation: Any) -> bool:
    """Whether the annotation is an optional one."""
    return get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation)


class SortKey(NamedTuple):
    """A key that a list is ordered by.

    Attributes:
        sql: its expression.
        kind: its plain type.
        is_descending: in which direction.
        is_nullable: whether it is null in some rows.
    """

    sql: str
    kind: Any
    is_descending: bool = False
    is_nullable: bool = False

    def same(self, value: str | None) -> str:
        """The condition on rows that are equal to a value, a placeholder or None for null."""
        return f"{self.sql} = {value}" if value else f"{self.sql} is null"

    def after(self, value: str | None) -> str | None:
        """The condition on rows after a value; None where there cannot be any."""
        if self.is_descending:
            return f"{self.sql} < {value}" if value else f"{self.sql} is not null"
        if value is None:
            return None
        after = f"{self.sql} > {value}"
        return f"({after} or {self.sql} is null)" if self.is_nullable else after

    def from_on(self, value: str | None) -> str | None:
        """The condition on rows from a value on, if an index can be entered by it."""
        if self.is_descending:
            return f"{self.sql} <= {value}" if value else None
        if value is None:
            return f"{self.sql} is null"
        return None if self.is_nullable else f"{self.sql} >= {value}"


@dataclass(frozen=True)
class Order:
    """The order of one request's rows: by some fields, and by a unique column where these tie.

    Attributes:
        keys: the fields, the most important first.
        unique: the column; it goes in the direction of the last field.
    """

    keys: Sequence[SortKey]
    unique: str

    @property
    def sql(self) -> str:
        """The expression after `order by`."""
        terms = [(key.sql, key.is_descending) for key in self._all]
        return ", ".join(f"{sql} {'desc' if down else 'asc'}" for sql, down in terms)

    @property
    def place_sql(self) -> str:
        """The expression for a row's position: see `place_of`.

        No field is called like these columns: `order by` would take the column for it.
        """
        values = [*(f"{key.sql}::text" for key in self.keys), self.unique]
        pairs = zip(values, self._place_names, strict=True)
        return ", ".join(f"{value} as {name}" for value, name in pairs)

    @property
    def place_columns(self) -> str:
        """The columns of `place_sql`, by name."""
        return ", ".join(self._place_names)

    def place_of(self, row: Any) -> list[Any]:
        """The place of a row in the order, as a cursor keeps it."""
        *values, key = [row[name] for name in self._place_names]
        return [*values, key if isinstance(key, int) else str(key)]

    def add_after(self, place: Sequence[Any], where: Where) -> None:
        """Let only the rows after a place remain."""
        values: list[str | None] = [
            None if text is None else f"{where.arg(typed(key.kind, text))}::{sql_type(key.kind)}"
            for key, text in zip(self.keys, place, strict=False)
        ]
        values.append(where.arg(place[-1]))
        if self._is_one_comparison(values):
            sign = "<" if self.keys[0].is_descending else ">"
            columns = ", ".join(key.sql for key in self._all)
            where.conditions.append(f"({columns}) {sign} ({', '.join(map(str, values))})")
            return
        if first := self.keys[0].from_on(values[0]):
            where.conditions.append(first)
        where.conditions.append(self._after(values))

    @property
    def _place_names(self) -> list[str]:
        return [*(f"_at{n or ''}" for n in range(len(self.keys))), "_key"]

    @property
    def _all(self) -> list[SortKey]:
        return [*self.keys, SortKey(self.unique, None, self.keys[-1].is_descending)]

    def _is_one_comparison(self, values: Sequence[str | None]) -> bool:
        """Whether comparing rows as a whole is the order: one direction, and no null comes after.

        A comparison with null does not hold, and descending what is null comes before anyway.
        """
        directions = {key.is_descending for key in self.keys}
        if len(directions) > 1 or None in values:
            return False
        return directions == {True} or not any(key.is_nullable for key in self.keys)

    def _after(self, values: Sequence[str | None]) -> str:
        """After the first value; or at it, and after the second; and so on."""
        condition: str | None = None
        for key, value in reversed([*zip(self._all, values, strict=True)]):
            tied = condition and f"({key.same(value)} and {condition})"
            parts = [part for part in (key.after(value), tied) if part]
            condition = f"({' or '.join(parts)})"
        assert condition is not None
        return condition


_SQL_TYPES: dict[Any, str] = {
    datetime: "timestamptz",
    date: "date",
    bool: "boolean",
    int: "bigint",
    UUID: "uuid",
}


def sql_type(kind: Any) -> str:
    """The SQL type that a cursor's value of type `kind` is compared as."""
    if is_text(kind):
        return "text"
    return _SQL_TYPES.get(kind, "numeric")


def is_text(kind: Any) -> bool:
    """Whether values of type `kind` are text: plain, or one of some words."""
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, str))


def typed(kind: Any, value: str) -> Any:
    """A cursor's text as a value of type `kind`."""
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if kind is bool:
        return value == "true"
    return value if is_text(kind) else kind(value)
