"""Working days against the calendar's own answers, one day at a time."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.appraisal.calendar.working_days import BureauCalendar, is_published, source_of

PUBLISHED = st.dates(date(2005, 1, 1), date(2025, 12, 31))


@given(PUBLISHED, st.integers(0, 60))
def test_a_span_counts_its_working_days(first: date, length: int) -> None:
    days = [first + timedelta(days=n) for n in range(length + 1)]
    expected = sum(chinese_calendar.is_workday(day) for day in days)
    assert BureauCalendar().count(days[0], days[-1]) == expected


@given(PUBLISHED, st.integers(1, 40), st.dictionaries(PUBLISHED, st.booleans()))
def test_the_end_is_the_first_day_that_completes_the_count(
    first: date, wanted: int, own: dict[date, bool]
) -> None:
    calendar = BureauCalendar(own)
    last = calendar.end_of(first, wanted)
    assert calendar.is_working_day(last)
    assert calendar.count(first, last) == wanted


@given(st.dates(date(2030, 1, 1), date(2199, 12, 31)))
def test_without_publication_weekends_alone_are_free(day: date) -> None:
    assert BureauCalendar().is_working_day(day) == (day.weekday() < 5)
    assert source_of(day, day) == "weekends_only"


@given(PUBLISHED, st.booleans())
def test_the_bureaus_own_days_come_first(day: date, is_working: bool) -> None:
    assert BureauCalendar({day: is_working}).is_working_day(day) is is_working


def test_a_bureau_that_never_works_has_no_end() -> None:
    first = date(2025, 1, 1)
    own = {first + timedelta(days=n): False for n in range(400)}
    with pytest.raises(ValueError, match="fewer than 5"):
        BureauCalendar(own).end_of(first, 5)


@pytest.mark.parametrize(("year", "known"), [(2003, False), (2004, True), (2026, True)])
def test_years_that_are_known(year: int, known: bool) -> None:
    assert is_published(year) is known
