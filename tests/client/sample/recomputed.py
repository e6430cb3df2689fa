"""Values computed from the rows alone, independently of the generator."""

import hashlib
from datetime import date
from typing import Any

from client.sample.files import ndjson_bytes
from client.sample.model import Sample

Row = dict[str, Any]
COUNTED_LEAVE = {"sick_leave", "personal_leave", "study_leave"}


def bounds(year: int) -> tuple[date, date, int]:
    """First day, last day and number of days of a year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return first, last, (last - first).days + 1


def days_in_year(record: Row, year: int) -> set[date]:
    """The days of the year that a participation record covers."""
    first, last, _ = bounds(year)
    starts = max(first, date.fromisoformat(record["starts_on"]))
    ends = min(last, date.fromisoformat(record["ends_on"]))
    return {date.fromordinal(day) for day in range(starts.toordinal(), ends.toordinal() + 1)}


def records_by_person(sample: Sample) -> dict[str, list[Row]]:
    """Every person's participation records."""
    found: dict[str, list[Row]] = {}
    for record in sample.participation_records:
        found.setdefault(record["staff_no"], []).append(record)
    return found


def leave_days(sample: Sample) -> dict[str, int]:
    """Days of sick, personal and study leave in the year, for people with any."""
    days: dict[str, int] = {}
    for staff_no, records in records_by_person(sample).items():
        covered: set[date] = set()
        for record in records:
            if record["kind"] in COUNTED_LEAVE:
                covered |= days_in_year(record, sample.year)
        if covered:
            days[staff_no] = len(covered)
    return days


def long_absent(sample: Sample) -> set[str]:
    """People whose leave is more than half of the year."""
    *_, days = bounds(sample.year)
    return {staff_no for staff_no, absent in leave_days(sample).items() if absent * 2 > days}


def short_service(sample: Sample) -> set[str]:
    """People employed for less than half of the year."""
    _, last, days = bounds(sample.year)
    served = {
        row["staff_no"]: (last - date.fromisoformat(row["employed_on"])).days + 1
        for row in sample.staff
    }
    return {staff_no for staff_no, count in served.items() if count * 2 < days}


def with_kind(sample: Sample, kind: str) -> set[str]:
    """People with a participation record of this kind."""
    return {record["staff_no"] for record in sample.participation_records if record["kind"] == kind}


def m4_persons(sample: Sample) -> list[str]:
    """People with an M4 in a case that takes effect."""
    return [
        respondent.staff_no
        for case in sample.cases
        if case.outcome != "rejected"
        for respondent in case.respondents
        if respondent.measure == "M4"
    ]


def weighted_total(score: Row) -> int:
    """The exact total under the founding weights, in ten-thousandths of a point."""
    weights = {"virtue": 20, "ability": 20, "diligence": 15, "achievement": 35, "integrity": 10}
    return sum(round(score[name] * 100) * weight for name, weight in weights.items())


def fingerprint(*samples: Sample) -> str:
    """The SHA-256 of all contents of the samples."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(repr((sample.bureau, sample.year)).encode())
        for rows in (sample.schools, sample.staff, sample.participation_records, sample.scores):
            digest.update(ndjson_bytes(rows))
        digest.update(repr(sample.cases).encode())
    return digest.hexdigest()
