"""Periods of a year, measured against the half of it that decides over a grade."""

from dataclasses import dataclass
from datetime import date, timedelta

from client.sample.chance import Dice

_MAJORITY_KINDS = ("sick_leave", "personal_leave", "study_leave")


@dataclass(frozen=True, slots=True)
class Period:
    """Something a person did from one day to another, both counted."""

    kind: str
    starts_on: date
    ends_on: date


class Calendar:
    """The days of an appraisal year, numbered from 0."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.first = date(year, 1, 1)
        self.days = (date(year + 1, 1, 1) - self.first).days
        # Exactly this many days are not yet more than half of the year; one more is.
        self.half = self.days // 2

    def span(self, kind: str, start: int, length: int) -> Period:
        """A period that begins on a day of the year (negative: of the year before)."""
        begins = self.first + timedelta(days=start)
        return Period(kind, begins, begins + timedelta(days=length - 1))

    def within(self, dice: Dice, kind: str, length: int) -> Period:
        """A period wholly inside the year."""
        return self.span(kind, dice.between(0, self.days - length), length)

    def from_last_year(self, dice: Dice, kind: str, counted: int) -> Period:
        """A period begun the year before, of which so many days fall into this one."""
        earlier = dice.between(20, 90)
        return self.span(kind, -earlier, earlier + counted)

    def into_next_year(self, dice: Dice, kind: str, counted: int) -> Period:
        """A period that goes on after the year, with so many days inside it."""
        return self.span(kind, self.days - counted, counted + dice.between(20, 90))

    def counting(self, dice: Dice, kind: str, counted: int) -> Period:
        """A period with so many days in the year, inside it or across either end."""
        make = dice.pick((self.within, self.from_last_year, self.into_next_year))
        return make(dice, kind, counted)

    def pieces(self, dice: Dice, total: int) -> list[Period]:
        """Leave of several kinds in two to four separate pieces that together make `total`.

        No piece is more than half of the year by itself, and no two overlap or touch.
        """
        count = dice.between(2, 4)
        lengths = [total // count] * count
        lengths[0] += total - sum(lengths)
        shift = dice.between(0, min(lengths) // 3)
        lengths[0] += shift if lengths[0] + shift <= self.half else 0
        lengths[-1] -= sum(lengths) - total
        free = self.days - total
        periods, day = [], 0
        for number, length in enumerate(lengths):
            day += dice.between(1, free // count)
            kind = _MAJORITY_KINDS[(number + total) % len(_MAJORITY_KINDS)]
            periods.append(self.span(kind, day, length))
            day += length
        return periods
