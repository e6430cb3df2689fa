"""Resident ID numbers (GB 11643) that are formally valid and belong to nobody.

Area, birth date and check digit are those of a real number, so every validator accepts them.
The three sequence digits are always 996 to 999: the fifteen-digit standard set these four aside
to mark people already over a hundred years old, so no registry hands them to anybody born since.
Nobody in a sample is older than sixty; none of these numbers can therefore be a living person's.
"""

from datetime import date, timedelta

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_FEMALE = ("996", "998")
_MALE = ("997", "999")
_NEXT_DAY = timedelta(days=1)


def check_digit(body: str) -> str:
    """The eighteenth character for the first seventeen."""
    return _CHECK_DIGITS[sum(map(int.__mul__, map(int, body), _WEIGHTS)) % 11]


class IdNumbers:
    """Hands out numbers, none of them twice."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def take(self, area: str, born: date, *, is_female: bool) -> tuple[str, date]:
        """A number and the birth date in it: a later one if that day's two are already given."""
        endings = _FEMALE if is_female else _MALE
        while True:
            stem = f"{area}{born:%Y%m%d}"
            key = stem + endings[0]
            given = self._given.get(key, 0)
            if given < len(endings):
                self._given[key] = given + 1
                body = stem + endings[given]
                return body + check_digit(body), born
            born += _NEXT_DAY
