"""Resident ID numbers (GB 11643) that are formally valid and belong to nobody.

Area, birth date and check digit are well-formed, so every validator accepts them. The three
sequence digits are always 996 to 999: the fifteen-digit standard reserved them for people already
over a hundred years old, and no registry has issued them to anybody born since. As nobody in a
sample is older than sixty, none of these numbers can belong to a living person.
"""

from datetime import date, timedelta

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_FEMALE = ("996", "998")
_MALE = ("997", "999")
_NEXT_DAY = timedelta(days=1)


def check_digit(body: str) -> str:
    """The check digit (eighteenth character) of the first seventeen digits."""
    return _CHECK_DIGITS[sum(map(int.__mul__, map(int, body), _WEIGHTS)) % 11]


class IdNumbers:
    """Issues numbers, none of them twice."""

    def __init__(self) -> None:
        self._issued: dict[str, int] = {}

    def take(self, area: str, born: date, *, is_female: bool) -> tuple[str, date]:
        """A number and its birth date, a later one if both numbers of that day are issued."""
        endings = _FEMALE if is_female else _MALE
        while True:
            stem = f"{area}{born:%Y%m%d}"
            key = stem + endings[0]
            issued = self._issued.get(key, 0)
            if issued < len(endings):
                self._issued[key] = issued + 1
                body = stem + endings[issued]
                return body + check_digit(body), born
            born += _NEXT_DAY
