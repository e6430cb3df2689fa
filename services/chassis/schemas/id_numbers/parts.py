"""The parts of an 18-character ID number, and the mask shown in its place."""

from datetime import date

# The same for everybody: area and check digit, beside the birth date and gender that are shown,
# would leave some 46 candidates (docs/adr/0030-id-numbers-cannot-be-guessed.md).
MASK = "*" * 18


def birth_day_of(number: str) -> str:
    """The birth date in a checked number, as `YYYY-MM-DD`."""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def birth_date_of(number: str) -> date:
    """The birth date in a checked number."""
    return date.fromisoformat(birth_day_of(number))


def gender_of(number: str) -> str:
    """`male` or `female`, from the 17th digit."""
    return "male" if number[16] in "13579" else "female"
