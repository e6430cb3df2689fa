"""Dates as spreadsheets count them: days since 1900 or 1904, the time of day as the fraction."""

from datetime import date, datetime, time, timedelta

_DAY_MS = 86_400_000
_FROM_1900, _FROM_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 -- no zone
# They take 1900 for a leap year: day 60 never was, and the days before it are one off.
_NEVER = 60


def moment_of(serial: float, *, from_1904: bool) -> date | datetime | time | None:
    """The date, the time of day or both; None where a spreadsheet program shows `####`."""
    try:
        day, rest = divmod(round(serial * _DAY_MS), _DAY_MS)
        if day == 0 and not (from_1904 and rest == 0):
            return (_FROM_1904 + timedelta(milliseconds=rest)).time()
        if day < 0 or (day == _NEVER and not from_1904):
            return None
        if day < _NEVER and not from_1904:
            day += 1
        moment = (_FROM_1904 if from_1904 else _FROM_1900) + timedelta(day, milliseconds=rest)
    except (OverflowError, ValueError):  # infinite, or after the year 9999
        return None
    return moment if rest else moment.date()
