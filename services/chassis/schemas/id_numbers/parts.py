"""What an 18-character ID number tells, and how much of it is shown."""

from datetime import date


def birth_day_of(number: str) -> str:
    """The birth date in a checked number, as `YYYY-MM-DD`."""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def birth_date_of(number: str) -> date:
    """The birth date in a checked number."""
    return date.fromisoformat(birth_day_of(number))


def gender_of(number: str) -> str:
    """`male` or `female`, from the 17th digit."""
    return "male" if number[16] in "13579" else "female"


def mask(number: str) -> str:
    """The number with birth date and sequence hidden: `620123***********2`.

    The birth date is shown beside it, so a sequence left standing would give the number away.
    """
    return f"{number[:6]}***********{number[-1]}"
