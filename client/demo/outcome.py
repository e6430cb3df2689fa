"""Outcome of a bureau's year, read from the exported files."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client.cases import IN_FORCE, cases_of
from client.cycles import get_cycle, summary_of
from client.demo.bureau import BureauRun
from client.demo.exports import FIRST_RESULTS, files_of
from client.models import Case, Reason, SchoolSummary

RESULTS = ("excellent", "qualified", "basically_qualified", "unqualified", "undetermined")
NOT_GRADED = ("absent_over_half", "new_hire_under_half", "under_investigation", "scores_missing")
_CORRECTION = "correction"
# Only the reasons of these results are parsed; the others are nine tenths of all.
_EXPLAINED = frozenset({"unqualified", "undetermined"})


@dataclass(frozen=True)
class Person:
    """A person's result with its parsed reasons."""

    result: str
    name: str
    school_name: str
    reasons: list[Reason]

    def cites(self, code: str) -> bool:
        """Whether one of the reasons has this code."""
        return any(reason.code == code for reason in self.reasons)

    def cites_case(self, case_no: str) -> bool:
        """Whether one of the reasons names this case."""
        return any(reason.params.get("case_no") == case_no for reason in self.reasons)


@dataclass(frozen=True)
class Change:
    """A result that differs from the one first determined."""

    staff_no: str
    before: str
    person: Person


@dataclass
class BureauOutcome:
    """The numbers of one bureau, with the data for its checks."""

    run: BureauRun
    participants: int
    results: Counter[str] = field(default_factory=Counter)
    not_graded: Counter[str] = field(default_factory=Counter)
    schools: list[SchoolSummary] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    @property
    def is_compared(self) -> bool:
        """Whether the first results are available for comparison, or are not needed."""
        return not self.run.has_late_cases or self.run.file(FIRST_RESULTS) in self.files


def read_outcome(run: BureauRun) -> BureauOutcome:
    """Read the outcome of a bureau's year."""
    cycle = get_cycle(run.admin, run.year)
    outcome = BureauOutcome(run, cycle.participants, files=files_of(run))
    outcome.schools = summary_of(run.admin, cycle)
    outcome.cases = [
        case
        for case in cases_of(run.admin)
        if case.state not in IN_FORCE or case.assessment_year == run.year
    ]
    wanted = {one.staff_no for case in outcome.cases for one in case.respondents} | run.absent
    first = {row["staff_no"]: row["result"] for row in _rows(run.file(FIRST_RESULTS))}
    for row in _rows(run.file("results")):
        _count(outcome, row, wanted, first)
    return outcome


def _count(
    outcome: BureauOutcome, row: dict[str, str], wanted: set[str], first: dict[str, str]
) -> None:
    staff_no, result = row["staff_no"], row["result"]
    outcome.results[result] += 1
    before = first.get(staff_no, result)
    if result not in _EXPLAINED and staff_no not in wanted and before == result:
        return
    reasons = [Reason.model_validate(reason) for reason in json.loads(row["reasons"])]
    person = Person(result, row["name"], row["school_name"], reasons)
    if result == "undetermined":
        outcome.not_graded[_why_not_graded(reasons)] += 1
    if staff_no in wanted:
        outcome.people[staff_no] = person
    # A correction contains the earlier result, even if the file of first results is missing.
    before = next((one.params["from"] for one in reasons if one.code == _CORRECTION), before)
    if before != result:
        outcome.changes.append(Change(staff_no, before, person))


def _why_not_graded(reasons: list[Reason]) -> str:
    codes = [reason.code for reason in reasons]
    return next((code for code in codes if code in NOT_GRADED), codes[0] if codes else "unknown")


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)
