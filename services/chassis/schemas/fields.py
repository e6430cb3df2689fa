"""Types of fields that several services use, each with its meaning and its check."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError
from sqlmodel import SQLModel

from services.chassis.core.text import Text
from services.chassis.database.clock import CHINA
from services.chassis.schemas.days import plausible
from services.chassis.schemas.strict_bodies import FROM_JSON, STRICT
from services.chassis.schemas.texts import code_text, no_error_value, one_line, person_name, prose
from services.chassis.schemas.validation import blaming, invalid_value


class Rule(NamedTuple):
    """A rule between fields of one row, the same for the API's writes and for imports.

    Attributes:
        fields: what it looks at; the first one is to blame.
        check: takes their values by name; raises PydanticCustomError (`invalid_value`).
        is_set_based: whether imports check it in a statement over all rows (`spec.Check`), because
            its values are too many to be remembered.
    """

    fields: tuple[str, ...]
    check: Callable[[dict[str, Any]], None]
    is_set_based: bool = False


class Input(SQLModel):
    """Second base of every body derived from SQLModel fields: strict, like `Body`.

    SQLModel ignores the class keyword `extra="forbid"`; only `model_config` takes effect.

    Attributes:
        rules_between: what must hold between the fields.
    """

    model_config = STRICT  # type: ignore[assignment]
    rules_between: ClassVar[tuple[Rule, ...]] = ()

    @model_validator(mode="after")
    def keep_rules(self) -> Self:
        """Every field is good by itself: check the rules between them."""
        for rule in self.rules_between:
            try:
                rule.check({name: getattr(self, name) for name in rule.fields})
            except PydanticCustomError as error:
                raise blaming(error, rule.fields[0]) from None
        return self


# Decimals are written as JSON numbers: PostgreSQL builds the answers.
NUMBER = WithJsonSchema({"type": "number"}, mode="serialization")

# Constraints stand before the validator: after it, the length would be taken before stripping.
LineText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    BeforeValidator(no_error_value),
    BeforeValidator(one_line),
]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    BeforeValidator(no_error_value),
    BeforeValidator(person_name),
]
# Prose, which may have paragraphs.
ProseText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    BeforeValidator(no_error_value),
    BeforeValidator(prose),
]
# Not `\d`, which takes the digits of every script.
SchoolCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$"), BeforeValidator(code_text)]
BureauCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), BeforeValidator(code_text)]
StaffNo = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"),
    BeforeValidator(code_text),
]


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Read from a row. Answers that PostgreSQL builds tell times with China's offset: so do others.
LocalTime = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(CHINA))]


def _no_number(value: Any) -> Any:
    """Refuse numbers, which would be taken for seconds since 1970."""
    is_number = isinstance(value, int | float) or (
        isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+(\.\d*)?\s*", value)
    )
    if is_number:
        raise invalid_value(
            "date.number",
            Text(
                "应为日期 YYYY-MM-DD，而不是数字（在表格中请把单元格格式设为日期）",
                "Must be a date YYYY-MM-DD, not a number (format the cell of a sheet as a date)",
            ),
        )
    return value


def _only_a_day(value: Any, info: ValidationInfo) -> Any:
    """Refuse a date with a time in a request body; files of imports may have one at midnight."""
    is_body = (info.config or {}).get("strict")
    if is_body and isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticKnownError("date_parsing", {"error": "not YYYY-MM-DD"})
    return value


def _plain_decimal(value: Any) -> Any:
    """Refuse text that is a number only for programs: `1e2`, `1_000`."""
    if isinstance(value, str) and re.search("[eE_]", value):
        raise PydanticKnownError("decimal_parsing")
    return value


def _no_truth(value: Any) -> Any:
    """Refuse true and false, which would be taken for 1 and 0."""
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def _whole(value: Any) -> Any:
    """Refuse fractions, also `1.0`: an integer is written without one."""
    if isinstance(value, float):
        raise PydanticKnownError("int_type")
    return _no_truth(value)


def _truth(value: Any) -> Any:
    """Refuse numbers, which would be taken for false and true."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticKnownError("bool_type")
    return value


# For what lax validation would take: text, or JSON of just this type.
WHOLE, TRUTH = BeforeValidator(_whole), BeforeValidator(_truth)
# Behind the bounds of a number: before them, its documentation would not tell them.
NO_TRUTH = BeforeValidator(_no_truth)
# Of decimals, which JSON may write as text; behind the bounds, too.
PLAIN_DECIMAL = BeforeValidator(_plain_decimal)
# As text in a body.
Id = Annotated[UUID, FROM_JSON]
# Filters of lists: any day or moment, but none guessed from a number, and no time that is
# another one elsewhere.
DayAsked = Annotated[date, FROM_JSON, BeforeValidator(_only_a_day), BeforeValidator(_no_number)]
MomentAsked = Annotated[AwareDatetime, FROM_JSON, BeforeValidator(_no_number)]
# Stored dates must also be plausible.
Day = Annotated[DayAsked, AfterValidator(plausible)]
Moment = Annotated[MomentAsked, AfterValidator(plausible)]
