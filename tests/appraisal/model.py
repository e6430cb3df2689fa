"""What every result must be, one person at a time, from `domain.md` A1, A8 and B1.

Plain Python over sets of days, so that it shares nothing with the statement but the rules.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from math import floor
from typing import Any

from tests.appraisal.scenario import DIMENSIONS, GRADES, Scenario


@dataclass
class Expected:
    """One person's result."""

    school: str
    result: str = ""
    total: Decimal | None = None
    rank: int | None = None
    is_graded: bool = False
    codes: tuple[str, ...] = ()
    not_graded: str | None = None
    fixed: str | None = None
    is_refuser: bool = False
    is_winner: bool = False


class Model:
    """The results and quotas of a scenario."""

    def __init__(self, year: Scenario) -> None:
        self.year = year
        self.period_days = (year.last - year.first).days + 1
        self.people = {staff_no: self._person(staff_no) for staff_no in year.people}
        self.bases = Counter(
            one.school
            for one in self.people.values()
            if year.rules.quota.base == "participants" or one.is_graded
        )
        self.schools = {one.school for one in self.people.values()}
        self.quotas = {school: self._quota(school) for school in self.schools}
        self._choose()
        for staff_no, one in self.people.items():
            one.result = self._result(staff_no, one)
            one.codes = tuple(self._codes(staff_no, one))
        self._rank()

    def _days(self, staff_no: str, kinds: tuple[str, ...], host: str | None = None) -> int:
        days: set[date] = set()
        for record in self._records(staff_no, *kinds):
            if host is None or record["host_school_code"] == host:
                length = (record["ends_on"] - record["starts_on"]).days + 1
                days |= {record["starts_on"] + timedelta(days=n) for n in range(length)}
        return sum(self.year.first <= day <= self.year.last for day in days)

    def _records(self, staff_no: str, *kinds: str) -> list[dict[str, Any]]:
        return [
            record
            for record in self.year.participation_records
            if record["staff_no"] == staff_no and record["kind"] in kinds
        ]

    def _directives(self, staff_no: str, effect: str) -> list[int]:
        return [
            GRADES.index(one["result"])
            for one in self.year.directives
            if one["staff_no"] == staff_no and one["effect"] == effect
        ]

    def _is_over_half(self, days: int) -> bool:
        return days * 2 > self.period_days

    def _person(self, staff_no: str) -> Expected:
        stays = {
            host: self._days(staff_no, ("secondment",), host)
            for host in {
                record["host_school_code"] for record in self._records(staff_no, "secondment")
            }
        }
        long = sorted((-days, host) for host, days in stays.items() if self._is_over_half(days))
        one = Expected(long[0][1] if long else self.year.people[staff_no]["school_code"])
        fixes = self._directives(staff_no, "fix")
        one.fixed = GRADES[min(fixes)] if fixes else None
        one.is_refuser = bool(self._records(staff_no, "refused"))
        if staff_no in self.year.scores:
            points, weights = self.year.scores[staff_no], self.year.rules.dimensions
            exact = sum((points[d] * getattr(weights, d) for d in DIMENSIONS), Decimal()) / 100
            # What is shown is what counts.
            one.total = exact.quantize(Decimal("0.001"), ROUND_HALF_UP)
        one.not_graded = self._why_not(staff_no, one)
        one.is_graded = one.not_graded is None or one.fixed is not None or one.is_refuser
        return one

    def _why_not(self, staff_no: str, one: Expected) -> str | None:
        rules = self.year.rules.not_graded
        charged = self._records(staff_no, "under_investigation")
        if rules.under_investigation and any(f["ends_on"] >= self.year.last for f in charged):
            return "under_investigation"
        if rules.absent_over_half:
            leave = self._days(staff_no, tuple(rules.counted_leave))
            if self._is_over_half(leave):
                return "absent_over_half"
        employed_on = self.year.people[staff_no]["employed_on"]
        worked = (self.year.last - employed_on).days + 1
        is_new = employed_on > self.year.first
        if rules.new_hire_under_half and is_new and worked * 2 < self.period_days:
            return "new_hire_under_half"
        return "scores_missing" if one.total is None else None

    def _quota(self, school: str) -> int:
        exact = self.bases[school] * self.year.rules.quota.rate / 100
        if self.year.rules.quota.rounding == "floor":
            return floor(exact)
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    def _by_total(self, one: Expected) -> int:
        lines = self.year.rules.thresholds
        assert one.total is not None
        return (
            (one.total >= lines.basically_qualified)
            + (one.total >= lines.qualified)
            + (one.total >= lines.excellent)
        )

    def _competes(self, staff_no: str) -> bool:
        one = self.people[staff_no]
        if one.not_graded or one.fixed or one.is_refuser:
            return False
        return self._by_total(one) == 3 and min(self._directives(staff_no, "cap"), default=3) == 3

    def _merit(self, staff_no: str) -> tuple[Decimal, ...]:
        points, total = self.year.scores[staff_no], self.people[staff_no].total
        assert total is not None
        return total, *(points[name] for name in self.year.rules.tie_breakers)

    def _choose(self) -> None:
        """Give out each school's places from the top, never a part of a group of equals."""
        for school, left in self.quotas.items():
            competing = [
                no for no, one in self.people.items() if one.school == school and self._competes(no)
            ]
            for _, group in groupby(sorted(competing, key=self._merit, reverse=True), self._merit):
                equals = list(group)
                if len(equals) > left:
                    break
                left -= len(equals)
                for staff_no in equals:
                    self.people[staff_no].is_winner = True

    def _result(self, staff_no: str, one: Expected) -> str:
        if one.fixed:
            return one.fixed
        if one.is_refuser:
            return "unqualified"
        if one.not_graded:
            return "undetermined"
        if one.is_winner:
            return "excellent"
        grade = min(self._by_total(one), 2)
        grade = max([grade, *self._directives(staff_no, "floor")])
        return GRADES[min([grade, *self._directives(staff_no, "cap")])]

    def _codes(self, staff_no: str, one: Expected) -> list[str]:
        cited = sorted(
            (GRADES.index(d["result"]), d["directive_no"], f"directive_{d['effect']}")
            for d in self.year.directives
            if d["staff_no"] == staff_no
        )
        codes = [code for *_, code in cited]
        if one.is_refuser and not one.fixed:
            codes.append("refused")
        if not one.is_graded:
            codes.append(str(one.not_graded))
        if not one.not_graded and self._is_over_half(self._days(staff_no, ("maternity_leave",))):
            codes.append("maternity_not_counted")
        hosts = {record["host_school_code"] for record in self._records(staff_no, "secondment")}
        if any(self._is_over_half(self._days(staff_no, ("secondment",), host)) for host in hosts):
            codes.append("graded_by_host")
        if one.total is not None and not one.not_graded:
            codes.append("total_score")
            if not one.fixed and not one.is_refuser:
                reached = self._by_total(one) > 0
                codes.append("grade_by_total" if reached else "below_every_threshold")
        if self._competes(staff_no):
            codes.append(self._quota_code(staff_no, one))
        return codes

    def _quota_code(self, staff_no: str, one: Expected) -> str:
        if one.is_winner:
            return "within_quota"
        mine = self._merit(staff_no)
        better = sum(
            other.school == one.school and self._competes(no) and self._merit(no) > mine
            for no, other in self.people.items()
        )
        return "quota_tie" if better < self.quotas[one.school] else "over_quota"

    def _rank(self) -> None:
        """By total among those who get a grade at the same school; equals share a rank."""
        for one in self.people.values():
            if one.is_graded and one.total is not None:
                one.rank = 1 + sum(
                    other.is_graded
                    and other.school == one.school
                    and other.total is not None
                    and other.total > one.total
                    for other in self.people.values()
                )
