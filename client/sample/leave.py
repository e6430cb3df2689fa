"""Periods of an appraisal year, relative to the half of it that decides about a grade."""

from dataclasses import dataclass
from datetime import date, timedelta

from client.sample.randomness import SeededRandom

_MAJORITY_KINDS = ("sick_leave", "personal_leave", "study_leave")


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a person from one day to another, both inclusive."""

    kind: str
    starts_on: date
    ends_on: date


class Calendar:
    """The days of an appraisal year, numbered from 0."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.first = date(year, 1, 1)
        self.days = (date(year + 1, 1, 1) - self.first).days
        # The largest number of days that is not more than half of the year.
        self.half = self.days // 2

    def span(self, kind: str, start: int, length: int) -> Period:
        """A period that begins on this day of the year; negative days are in the year before."""
        begins = self.first + timedelta(days=start)
        return Period(kind, begins, begins + timedelta(days=length - 1))

    def within(self, rng: SeededRandom, kind: str, length: int) -> Period:
        """A period entirely within the year."""
        return self.span(kind, rng.between(0, self.days - length), length)

    def from_last_year(self, rng: SeededRandom, kind: str, counted: int) -> Period:
        """A period that begins in the year before and has `counted` days in this one."""
        earlier = rng.between(20, 90)
        return self.span(kind, -earlier, earlier + counted)

    def into_next_year(self, rng: SeededRandom, kind: str, counted: int) -> Period:
        """A period that ends after the year and has `counted` days in it."""
        return self.span(kind, self.days - counted, counted + rng.between(20, 90))

    def counting(self, rng: SeededRandom, kind: str, counted: int) -> Period:
        """A period with `counted` days in the year, within it or across either end."""
        make = rng.pick((self.within, self.from_last_year, self.into_next_year))
        return make(rng, kind, counted)

    def pieces(self, rng: SeededRandom, total: int) -> list[Period]:
        """Two to four periods of leave of several kinds, with `total` days together.

        No single period exceeds half of the year, and no two overlap or adjoin.
        """
        count = rng.between(2, 4)
        lengths = [total // count] * count
        lengths[0] += total - sum(lengths)
        shift = rng.between(0, min(lengths) // 3)
        lengths[0] += shift if lengths[0] + shift <= self.half else 0
        lengths[-1] -= sum(lengths) - total
        free = self.days - total
        periods, day = [], 0
        for number, length in enumerate(lengths):
            day += rng.between(1, free // count)
            kind = _MAJORITY_KINDS[(number + total) % len(_MAJORITY_KINDS)]
            periods.append(self.span(kind, day, length))
            day += length
        return periods
