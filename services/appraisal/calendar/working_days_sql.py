"""Working days counted by PostgreSQL, as `BureauCalendar` counts them, for guards and lists."""

from datetime import date

from chinese_calendar import constants

# Days that the statutory calendar turns round; all others follow from the day of the week.
_DAYS_OFF = sorted(day for day in constants.holidays if day.weekday() < 5)
_MADE_UP = sorted(day for day in constants.workdays if day.weekday() > 4)


def working_days(bureau: str, from_on: str, to_on: str) -> str:
    """SQL of the number of working days in a span, both ends included.

    Args:
        bureau: SQL of the bureau's code, whose own table goes before the statutory calendar.
        from_on: SQL of the first day.
        to_on: SQL of the last day.
    """
    return (
        f"(select count(*) from generate_series(0, {to_on} - {from_on}) passed "
        f"cross join lateral (select {from_on} + passed as day) each "
        f"left join calendar_day own on own.bureau_code = {bureau} and own.day = each.day "
        "where coalesce(own.is_working, case "
        f"when each.day = any({_array(_DAYS_OFF)}) then false "
        f"when each.day = any({_array(_MADE_UP)}) then true "
        "else extract(isodow from each.day) < 6 end))"
    )


def _array(days: list[date]) -> str:
    listed = ",".join(day.isoformat() for day in days)
    return f"'{{{listed}}}'::date[]"
