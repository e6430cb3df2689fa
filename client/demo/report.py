"""The numbers of a complete run over all its bureaus."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from client.cases import IN_FORCE
from client.demo.outcome import RESULTS, BureauOutcome
from client.models import SchoolSummary


class Report:
    """The summed-up outcome of a year."""

    def __init__(self, outcomes: list[BureauOutcome], seconds: dict[str, float]) -> None:
        self.outcomes, self.seconds = outcomes, seconds
        self.participants = sum(outcome.participants for outcome in outcomes)
        found: Counter[str] = Counter()
        self.not_graded: Counter[str] = Counter()
        for outcome in outcomes:
            found += outcome.results
            self.not_graded += outcome.not_graded
        self.results = {code: found[code] for code in RESULTS}

    @property
    def schools(self) -> Iterator[SchoolSummary]:
        """Every school with at least one participant."""
        return (school for outcome in self.outcomes for school in outcome.schools)

    def numbers(self) -> dict[str, Any]:
        """All numbers as one JSON object."""
        return {
            "participants": self.participants,
            "results": self.results,
            "quota": list(self._quota()),
            "not_graded": dict(sorted(self.not_graded.items())),
            "cases": list(self._measures()),
            "files": [str(file) for outcome in self.outcomes for file in outcome.files],
            "seconds": self.seconds,
        }

    def _quota(self) -> Iterator[dict[str, Any]]:
        """Every school, including those without participants, whose quota is 0."""
        for outcome in self.outcomes:
            by_code = {school.school_code: school for school in outcome.schools}
            for code in outcome.run.school_codes:
                school = by_code.get(code)
                yield {
                    "school_code": code,
                    "base": school.base if school else 0,
                    "limit": school.limit if school else 0,
                    "excellent": school.excellent if school else 0,
                }

    def _measures(self) -> Iterator[dict[str, Any]]:
        """Every measure in force. Case numbers are unique within a bureau only."""
        for outcome in self.outcomes:
            for case in outcome.cases:
                for one in case.respondents:
                    if one.measure and case.state in IN_FORCE:
                        person = outcome.people.get(one.staff_no)
                        yield {
                            "bureau_code": outcome.run.bureau.bureau_code,
                            "case_no": case.case_no,
                            "measure": one.measure,
                            "staff_no": one.staff_no,
                            "result": person.result if person else None,
                        }
