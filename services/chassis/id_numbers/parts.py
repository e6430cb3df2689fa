"""What an 18-character ID number tells, and how much of it is shown."""

from datetime import date


def birth_date_of(number: str) -> date:
    """The birth date in a checked number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def gender_of(number: str) -> str:
    """`male` or `female`, from the 17th digit."""
    return "male" if int(number[16]) % 2 else "female"


def mask(number: str) -> str:
    """The number with birth date and sequence hidden: `620123***********2`.

    The birth date is shown beside it, so a sequence left standing would give the number away.
    """
    return f"{number[:6]}{'*' * 11}{number[-1]}"
