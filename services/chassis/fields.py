"""Types of fields that several services use, each with its meaning and its check."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from services.chassis.text import Text
from services.chassis.validation import invalid_value, no_nul

LineText = Annotated[
    str, BeforeValidator(no_nul), StringConstraints(strip_whitespace=True, min_length=1)
]
SchoolCode = Annotated[str, BeforeValidator(no_nul), StringConstraints(pattern=r"^\d{10}$")]
BureauCode = Annotated[str, BeforeValidator(no_nul), StringConstraints(pattern=r"^\d{6}$")]
StaffNo = Annotated[
    str,
    BeforeValidator(no_nul),
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"),
]


def _plausible(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise invalid_value("date.implausible", Text("日期不合常理", "Not a plausible date"))
    return value


Day = Annotated[date, AfterValidator(_plausible)]
