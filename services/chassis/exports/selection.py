"""The rows of an export as a query, written by PostgreSQL as the file has them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.chassis.database.auth import Caller
from services.chassis.exports.presentation import Presentation
from services.chassis.lists.keyset import is_text, plain_type
from services.chassis.lists.listing import Listing, Within
from services.chassis.schemas.codes import begins_with_letter_or_digit

PLAIN = Presentation()
# Cells that a spreadsheet reads as formulas, and cells that look guarded already: an
# apostrophe before it is taken off by imports, so that what has one gets one more.
_FORMULA, _GUARDED = r"^''*[=+\-@\t\r]", r"^''+[=+\-@\t\r]"
# How such a cell begins. Asked before the pattern, which costs as much as all the rest of a cell;
# and before that, as one comparison, whether it begins with a sign or a digit at all.
_BEGINNINGS = {
    _FORMULA: ", ".join(str(ord(character)) for character in "'=+-@\t\r"),
    _GUARDED: str(ord("'")),
}
# A column, or a value that is the same in every row.
_SIMPLE = re.compile(r"[a-z_][a-z0-9_.]*|'[^']*'")


@dataclass(frozen=True)
class Selection:
    """Some rows of a list in their order, with some of its fields.

    Attributes:
        headings: the header of a table.
        names: the fields.
        kinds: the plain type of each; text where it is shown as such, `Plain` where that can be
            no formula.
        args: of the query.
    """

    headings: list[str]
    names: list[str]
    kinds: list[Any]
    args: list[Any]
    _cells: list[str]
    _rest: str

    @classmethod
    def of(
        cls,
        listing: Listing,
        caller: Caller,
        chosen: Any,
        within: Within,
        shown: Presentation = PLAIN,
    ) -> "Selection":
        """The selection that `chosen`, parameters of the list, describes for a caller."""
        names = listing.names(chosen) if chosen.fields else _fields(listing, shown)
        where = listing.where(caller, chosen, within)
        texts = listing.texts if shown.is_for_people else {}

        def cell(name: str) -> str:
            return texts.get(name) or shown.labelled(listing, name, listing.expression(name))

        cells = [cell(name) for name in names]
        order = listing.order(chosen).sql
        rest = f"from {listing.source} {where.sql()} order by {order}"
        kinds = [str if name in texts else _shown_kind(listing, name) for name in names]
        return cls(shown.headings(listing, names), names, kinds, where.args, cells, rest)

    def as_csv(self) -> str:
        """A column for each field; no spreadsheet takes a cell for a formula."""

        def cell(sql: str, kind: Any) -> str:
            return _guard(sql, _FORMULA) if is_text(kind) else _as_in_json(sql, kind)

        return self._each(cell)

    def as_cells(self) -> str:
        """The cells of a workbook: numbers as such, all else as text, which is no formula there."""

        def cell(sql: str, kind: Any) -> str:
            if kind in (int, float, Decimal):
                return sql
            if is_text(kind):
                return _guard(sql, _GUARDED)
            return f"({_as_in_json(sql, kind)})::text"

        return self._each(cell)

    def as_ndjson(self) -> str:
        """One column, the row as JSON."""
        return f"select row_to_json(r)::text from ({self._rows()}) r"

    def _rows(self) -> str:
        columns = ", ".join(
            f'{sql} as "{name}"' for sql, name in zip(self._cells, self.names, strict=True)
        )
        return f"select {columns} {self._rest}"

    def _each(self, cell: Callable[[str, Any], str]) -> str:
        """Cells of the rows.

        PostgreSQL does not merge a sorted subquery into the query around it, and passing each row
        on costs an eighth of an export. So there is one only where a cell would compute its value
        several times. A column has a number for a name: in the order, a name is the field's.
        """
        is_simple = all(map(_SIMPLE.fullmatch, self._cells))
        values = self._cells if is_simple else [f'"{name}"' for name in self.names]
        columns = ", ".join(
            f"{cell(value, kind)} as c{number}"
            for number, (value, kind) in enumerate(zip(values, self.kinds, strict=True))
        )
        return f"select {columns} {self._rest if is_simple else f'from ({self._rows()}) r'}"


class Plain:
    """The kind of texts that no spreadsheet takes for formulas."""


def _shown_kind(listing: Listing, name: str) -> Any:
    kind = _kind(listing, name)
    is_plain = is_text(kind) and begins_with_letter_or_digit(listing.item.model_fields[name])
    return Plain if is_plain else kind


def _kind(listing: Listing, name: str) -> Any:
    return plain_type(listing.item.model_fields[name].annotation)


def _fields(listing: Listing, shown: Presentation) -> list[str]:
    """All fields; for people those that a cell can show."""
    names = [*listing.read.model_fields]
    if not shown.is_for_people:
        return names
    return [name for name in names if name in listing.texts or _is_plain(_kind(listing, name))]


def _is_plain(kind: Any) -> bool:
    return isinstance(kind, type) and not issubclass(kind, BaseModel) and kind not in (dict, list)


def _as_in_json(sql: str, kind: Any) -> str:
    """Truth values and moments as the API writes them; the session is in China's time zone."""
    if kind is bool:
        return f"""case {sql} when true then 'true' when false then 'false' end"""
    if kind is datetime:
        return f"""replace({sql}::text, ' ', 'T') || ':00'"""
    return sql


def _guard(sql: str, against: str) -> str:
    text = f"{sql}::text"
    return (
        f"""case when {text} < 'A' collate "C" """
        f"and ascii({text}) in ({_BEGINNINGS[against]}) and {text} ~ '{against}' "
        f"then '''' || {text} else {text} end"
    )
