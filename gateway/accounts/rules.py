"""Rules on the values of accounts."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from services.chassis.core.text import Text
from services.chassis.schemas.texts import no_nul
from services.chassis.schemas.validation import invalid_value

MIN_PASSWORD, MAX_PASSWORD = 10, 128

Password = Annotated[
    str,
    StringConstraints(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD),
    BeforeValidator(no_nul),
    WithJsonSchema(
        {
            "type": "string",
            "format": "password",
            "minLength": MIN_PASSWORD,
            "maxLength": MAX_PASSWORD,
            "title": "密码",
            "description": "At least 10 characters, different from the user name",
            "examples": ["correct horse battery"],
        }
    ),
]


def check_password(username: str, password: str) -> None:
    """A password must not be the user name.

    Raises:
        PydanticCustomError: `password.is_username`.
    """
    if password.strip().lower() == username.lower():
        raise invalid_value(
            "password.is_username",
            Text("密码不能与用户名相同", "The password must not be the user name"),
            blames="password",
        )


def check_binding(bureau_code: str | None, schools: Sequence[str], staff_no: str | None) -> None:
    """Schools and staff numbers require a bureau.

    Raises:
        PydanticCustomError: `bureau_code.missing`.
    """
    if bureau_code is None and (schools or staff_no):
        raise invalid_value(
            "bureau_code.missing",
            Text(
                "指定学校或工号时须有行政区划代码", "Schools and staff number require a bureau code"
            ),
            blames="bureau_code",
        )
