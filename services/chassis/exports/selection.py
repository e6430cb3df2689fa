"""The rows of an export as a query, written by PostgreSQL as the file has them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.chassis.database.auth import Caller
from services.chassis.lists.keyset import is_text, plain_type
from services.chassis.lists.listing import Listing, Within

# Cells that a spreadsheet reads as formulas, and cells that look guarded already: an
# apostrophe before it is taken off by imports, so that what has one gets one more.
_FORMULA, _GUARDED = r"^''*[=+\-@\t\r]", r"^''+[=+\-@\t\r]"
# How such a cell begins. Asked before the pattern, which costs as much as all the rest of a cell;
# and before that, as one comparison, whether it begins with a sign or a digit at all.
_BEGINNINGS = {
    _FORMULA: ", ".join(str(ord(character)) for character in "'=+-@\t\r"),
    _GUARDED: str(ord("'")),
}


@dataclass(frozen=True)
class Selection:
    """Some rows of a list in their order, with some of its fields.

    Attributes:
        names: the fields.
        kinds: the plain type of each.
        args: of the query.
    """

    names: list[str]
    kinds: list[Any]
    args: list[Any]
    _rows: str

    @classmethod
    def of(cls, listing: Listing, caller: Caller, chosen: Any, within: Within) -> "Selection":
        """The selection that `chosen`, parameters of the list, describes for a caller."""
        names = listing.names(chosen) if chosen.fields else [*listing.read.model_fields]
        where = listing.where(caller, chosen, within)
        columns = ", ".join(f'{listing.expression(name)} as "{name}"' for name in names)
        order = listing.order(chosen).sql
        rows = f"select {columns} from {listing.source} {where.sql()} order by {order}"
        kinds = [plain_type(listing.item.model_fields[name].annotation) for name in names]
        return cls(names, kinds, where.args, rows)

    def as_csv(self) -> str:
        """A column for each field; no spreadsheet takes a cell for a formula."""
        return self._each(
            lambda name, kind: _guard(name, _FORMULA) if is_text(kind) else f'"{name}"'
        )

    def as_cells(self) -> str:
        """The cells of a workbook: numbers as such, all else as text, which is no formula there."""

        def cell(name: str, kind: Any) -> str:
            if kind in (int, float, Decimal):
                return f'"{name}"'
            return _guard(name, _GUARDED) if is_text(kind) else f'"{name}"::text'

        return self._each(cell)

    def as_ndjson(self) -> str:
        """One column, the row as JSON."""
        return f"select row_to_json(r)::text from ({self._rows}) r"

    def _each(self, cell: Any) -> str:
        columns = ", ".join(
            f'{cell(name, kind)} as "{name}"'
            for name, kind in zip(self.names, self.kinds, strict=True)
        )
        return f"select {columns} from ({self._rows}) r"


def _guard(name: str, against: str) -> str:
    text = f'"{name}"::text'
    return (
        f"""case when {text} < 'A' collate "C" """
        f"and ascii({text}) in ({_BEGINNINGS[against]}) and {text} ~ '{against}' "
        f"then '''' || {text} else {text} end"
    )
