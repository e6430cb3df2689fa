"""Resident ID numbers (公民身份号码, GB 11643): normalised, checked, and what they tell.

18 characters: 6 of division code, 8 of birth date, 3 of sequence (odd = male), 1 check digit
over the weights 2^(17-i) mod 11 (`domain.md` B7f).
"""

import re
import unicodedata
from datetime import date

from services.chassis.text import Text
from services.chassis.validation import invalid_value

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FORM = re.compile(r"^\d{17}[\dX]$", re.ASCII)


def check_id_number(value: str) -> str:
    """The number in its canonical form (half-width, upper-case X).

    Raises:
        PydanticCustomError: `id_number.length`, `.form`, `.birth_date` or `.checksum`.
    """
    number = value if value.isascii() else unicodedata.normalize("NFKC", value)
    number = number.strip().upper()
    if len(number) != 18:
        raise invalid_value(
            "id_number.length", Text("身份证号应为 18 位", "An ID number has 18 characters")
        )
    if not _FORM.match(number):
        raise invalid_value(
            "id_number.form",
            Text("身份证号应为 17 位数字加校验位", "An ID number is 17 digits and a check digit"),
        )
    birth_date_of(number)
    if _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, number, strict=False)) % 11] != number[17]:
        raise invalid_value(
            "id_number.checksum", Text("身份证号校验位不符", "The check digit does not fit")
        )
    return number


def birth_date_of(number: str) -> date:
    """The birth date in an 18-character number.

    Raises:
        PydanticCustomError: `id_number.birth_date`, for a date that is none or in the future.
    """
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = date.max
    if not date(1850, 1, 1) <= born <= date.today():  # noqa: DTZ011 -- a day either way is no fault
        raise invalid_value(
            "id_number.birth_date",
            Text("身份证号中的出生日期无效", "The birth date in the ID number is not valid"),
        )
    return born


def gender_of(number: str) -> str:
    """`male` or `female`, from the 17th digit."""
    return "male" if int(number[16]) % 2 else "female"


def mask(number: str) -> str:
    """The number with birth date and sequence hidden: `620123***********2`.

    The birth date is shown beside it, so a sequence left standing would give the number away.
    """
    return f"{number[:6]}{'*' * 11}{number[-1]}"
