"""Unique fields that some callers may only report, as a resource declares them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.chassis.core.text import Text


@dataclass(frozen=True, slots=True)
class Reported:
    """A unique field that callers without a scope report instead of writing it.

    A value that they give is stored in a new row if no stored row holds it. Everything else is a
    report: the row is written without the value, and nothing in the answer shows that. So nobody
    learns by an import whether a value is held, or by whom.

    Attributes:
        field: the field, which is derived.
        column: the stored column that no two rows share.
        columns: the stored columns that a report keeps; `column` is one of them.
        scope: callers with this scope write the field; all others report it.
        vacate: returns SQL assignments to the columns of a staged row whose value is reported.
        keep: writes the reports of a part, in the transaction that merges it (`spec.PartMerge`).
        code: of the notice that an import by such a caller carries.
        notice: its words; `{rows}` is the number of rows whose record exists already.
    """

    field: str
    column: str
    columns: tuple[str, ...]
    scope: str
    vacate: Callable[[], str]
    keep: Callable[[Any], Awaitable[None]]
    code: str
    notice: Text
