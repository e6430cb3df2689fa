"""Resident ID numbers (公民身份号码, GB 11643), checked one by one or by the hundred thousand.

18 characters: 6 of division code, 8 of birth date, 3 of sequence, 1 check digit over the weights
2^(17-i) mod 11. Each of the first three parts is looked up with its share of the weighted sum, so
a check is three look-ups and an addition. Numbers of 15 digits (issued until 1999) become 18.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from services.chassis.core.text import Text
from services.chassis.core.visible_text import visible_code
from services.chassis.schemas.id_numbers.areas import AREAS, RESIDENCE_PERMITS
from services.chassis.schemas.validation import invalid_value

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432" * 82  # long enough for every sum: no division
# Nobody on a list of staff was born earlier (the old form knows 18xx, for people over a hundred).
FIRST_YEAR = 1900
# Offices go on giving out an abolished code for a while; a typing error is seldom so close.
LAG_YEARS = 5

FAULTS = {
    "id_number.length": Text(
        "身份证号应为 18 位（旧身份证 15 位；港澳台居民居住证只有 18 位）",
        "An ID number has 18 characters (an old one 15, but a residence permit always 18)",
    ),
    "id_number.form": Text(
        "身份证号应为 17 位数字加校验位", "An ID number is 17 digits and a check digit"
    ),
    "id_number.area": Text(
        "身份证号前六位不是行政区划代码，或出生前已撤销",
        "The first six digits are no division code, or one abolished before the birth",
    ),
    "id_number.birth_date": Text(
        "身份证号中的出生日期无效", "The birth date in the ID number is not valid"
    ),
    "id_number.checksum": Text("身份证号校验位不符", "The check digit does not fit"),
}


# A number in its canonical form (18 half-width characters), and what is wrong with it.
Checked = tuple[str, str | None]


def _share(digits: str, first: int) -> int:
    """The part of the weighted sum for `digits` from position `first` on."""
    return sum(int(digit) * _WEIGHTS[first + i] for i, digit in enumerate(digits))


class _Births(dict[str, tuple[date, int, int]]):
    """Eight digits as date, year and share of the sum; filled with the valid ones met."""

    def __missing__(self, digits: str) -> tuple[date, int, int]:
        year, month_and_day = _YEARS.get(digits[:4]), _DAYS.get(digits[4:])
        if year is None or month_and_day is None:
            return _UNBORN
        try:
            born = date(year[0], *month_and_day[:2])
        except ValueError:  # 29 February
            return _UNBORN
        known = self[digits] = born, year[0], year[1] + month_and_day[2]
        return known


_UNBORN = (date.max, 0, 0)
_YEARS = {f"{year}": (year, _share(f"{year}", 6)) for year in range(FIRST_YEAR, 2200)}
_DAYS = {
    f"{month:02}{day:02}": (month, day, _share(f"{month:02}{day:02}", 10))
    for month in range(1, 13)
    for day in range(1, monthrange(2000, month)[1] + 1)
}
_AREAS = {code: (area.until + LAG_YEARS, _share(code, 0)) for code, area in AREAS.items()}
_BIRTHS = _Births()
_SEQUENCES = {f"{n:03}": _share(f"{n:03}", 14) for n in range(1000)}
_NOWHERE = (0, 0)


def check_id_numbers(values: Iterable[str], today: date | None = None) -> list[Checked]:
    """Each number in its canonical form, with the code of its first fault or None."""
    day = today or date.today()  # noqa: DTZ011 -- a day either way is no fault
    return [
        (value, None) if is_valid(value, day) else _normalised_and_checked(value, day)
        for value in values
    ]


def check_id_number(value: str) -> str:
    """The number in its canonical form.

    Raises:
        PydanticCustomError: `id_number.length`, `.form`, `.area`, `.birth_date` or `.checksum`.
    """
    today = date.today()  # noqa: DTZ011 -- as above
    if is_valid(value, today):
        return value
    number, fault = _normalised_and_checked(value, today)
    if fault:
        raise invalid_value(fault, FAULTS[fault])
    return number


def is_valid(number: str, today: date) -> bool:
    """Whether a number in its canonical form is a good one."""
    area, share = _AREAS.get(number[:6]), _SEQUENCES.get(number[14:17])
    if area is None or share is None:
        return False
    born, year, birth_share = _BIRTHS[number[6:14]]
    return (
        _CHECK[area[1] + birth_share + share] == number[17:] and year <= area[0] and born <= today
    )


def _normalised_and_checked(value: str, today: date) -> Checked:
    number = visible_code(value).upper()
    if len(number) == 15:
        number = _upgraded(number)
    return number, None if is_valid(number, today) else _fault_of(number, today)


def _fault_of(number: str, today: date) -> str:
    if len(number) != 18:
        return "id_number.length"
    if not (number.isascii() and number[:17].isdigit() and (number[17] in "0123456789X")):
        return "id_number.form"
    born, year, _ = _BIRTHS[number[6:14]]
    if born > today:
        return "id_number.birth_date"
    if year > _AREAS.get(number[:6], _NOWHERE)[0]:
        return "id_number.area"
    return "id_number.checksum"


def _upgraded(number: str) -> str:
    """A number of 15 digits as one of 18, with its century and a check digit; if there is one."""
    if not (number.isascii() and number.isdigit()):
        return number.ljust(18, "?")
    if number[:6] in RESIDENCE_PERMITS:
        return number
    # 996 to 999 were set aside for people already over a hundred years old.
    century = "18" if number[12:] >= "996" else "19"
    body = number[:6] + century + number[6:]
    share = _AREAS.get(body[:6], _NOWHERE)[1] + _BIRTHS[body[6:14]][2] + _SEQUENCES[body[14:]]
    return body + _CHECK[share]
