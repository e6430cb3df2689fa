"""Filters of a list: equality for every plain field of its rows, ranges for numbers and times.

They follow from the read schema, so that no list can lack one. What is left out is left out by
name and with a reason; what a caller does not see in the rows is no field and so no filter.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from services.chassis.lists.keyset import is_text, plain_type
from services.chassis.schemas.examples import BY_TYPE
from services.chassis.schemas.fields import PLAIN_DECIMAL, TRUTH, WHOLE, DayAsked, MomentAsked

_RANGES = {"gte": ">=", "lte": "<=", "gt": ">", "lt": "<"}
_IN_WORDS = {
    None: "one of these values",
    ">=": "at least this value",
    "<=": "at most this value",
    ">": "more than this value",
    "<": "less than this value",
}
_CHINESE = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
_ORDERED = (int, float, Decimal, date, datetime)
_PLAIN = (*_ORDERED, bool, UUID)
# In an address a value is text; among the options of an export it may be JSON of the field's type.
_ASKED: dict[Any, Any] = {
    date: DayAsked,
    datetime: MomentAsked,
    int: Annotated[int, WHOLE],
    Decimal: Annotated[Decimal, PLAIN_DECIMAL],
    bool: Annotated[bool, TRUTH],
}
# Of a field that is called like a parameter of all lists, such as `total`.
EQUAL = "_eq"


class Filter(NamedTuple):
    """One query parameter on one field.

    Attributes:
        field: the field.
        operator: in SQL; None for membership in a list of values.
        kind: the type of a value.
        title: in Chinese, where the field has one.
        description: of the parameter.
        examples: of the parameter, where the field has an example.
    """

    field: str
    operator: str | None
    kind: Any
    title: str | None = None
    description: str | None = None
    examples: list[Any] | None = None

    @property
    def parameter(self) -> Any:
        """The parameter's type."""
        asked: Any = _ASKED.get(self.kind, self.kind)
        return asked if self.operator else list[asked]

    @property
    def asked(self) -> tuple[Any, Any]:
        """The parameter as a field of a model: its type and what is documented."""
        described = Field(
            None, title=self.title, description=self.description, examples=self.examples
        )
        return self.parameter | None, described

    def condition(self, expression: str, placeholder: str) -> str:
        """The SQL of it."""
        return f"{expression} {self.operator or '='} " + (
            placeholder if self.operator else f"any({placeholder})"
        )


def plain(value: Any) -> Any:
    """A parameter's value as PostgreSQL takes it."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def filters_of(
    read: type[BaseModel], taken: frozenset[str], unfiltered: Mapping[str, str]
) -> dict[str, Filter]:
    """The filters of a list by their parameters' names.

    Args:
        read: schema of a row.
        taken: names that mean something else in every list.
        unfiltered: fields without a filter, each with the reason.
    """
    return dict(
        pair
        for name, info in read.model_fields.items()
        if name not in unfiltered
        for pair in _filters_on(name, info, taken)
    )


def _filters_on(name: str, info: FieldInfo, taken: frozenset[str]) -> Iterator[tuple[str, Filter]]:
    kind: Any = plain_type(info.annotation)
    if not (is_text(kind) or kind in _PLAIN):
        return
    equality = f"{name}{EQUAL}" if name in taken else name
    given = [*(info.examples or ()), BY_TYPE.get(kind)]
    example = next((one for one in given if one is not None), None)
    several, one = ([[example]], [example]) if example is not None else (None, None)
    yield equality, Filter(name, None, kind, info.title, _described(name, info, None), several)
    if kind in _ORDERED:
        for suffix, operator in _RANGES.items():
            described = _described(name, info, operator)
            yield f"{name}_{suffix}", Filter(name, operator, kind, None, described, one)


def _described(name: str, info: FieldInfo, operator: str | None) -> str:
    """Description of a filter, with the field's Chinese term where it has one."""
    term = info.title or next(iter(_CHINESE.findall(info.description or "")), None)
    return f"`{name}` is {_IN_WORDS[operator]}" + (f" ({term})" if term else "")
