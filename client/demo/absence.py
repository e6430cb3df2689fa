"""Absence for more than half of the year, computed from the participation records alone.

The demo checks the platform's results with it. It therefore shares no code with the platform or
with the generator of the records, and counts day by day.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

COUNTED = frozenset({"sick_leave", "personal_leave", "study_leave"})


def absent_over_half(records: Iterable[dict[str, Any]], year: int) -> set[str]:
    """Staff numbers of people whose counted leave covers more than half of the year's days."""
    days_of_year = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    absent: defaultdict[str, set[date]] = defaultdict(set)
    for record in records:
        if record["kind"] in COUNTED:
            day = date.fromisoformat(record["starts_on"])
            last = date.fromisoformat(record["ends_on"])
            while day <= last:
                if day.year == year:
                    absent[record["staff_no"]].add(day)
                day += timedelta(days=1)
    return {staff_no for staff_no, days in absent.items() if 2 * len(days) > days_of_year}
