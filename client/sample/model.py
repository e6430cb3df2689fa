"""Sample data: import rows, and plans of accountability cases."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

# One row of an import file. Values are str, int, float or None by column; `Any` because callers
# know the type of the column they read.
Row = dict[str, Any]

Measure = Literal["M1", "M2", "M3", "M4", "M5"]
Responsibility = Literal["first", "direct"]
Outcome = Literal["decided", "rejected", "returned"]
DecisionMoment = Literal["before_determination", "after_determination", "after_confirmation"]


@dataclass(frozen=True, slots=True)
class Bureau:
    """A county education bureau (县教育局), the tenant that owns a sample."""

    bureau_code: str
    name: str


class Respondent(NamedTuple):
    """A person held responsible in a case, with the proposed measure or None."""

    staff_no: str
    responsibility: Responsibility
    measure: Measure | None


@dataclass(frozen=True, slots=True)
class CasePlan:
    """A case to be carried through the procedure: contents, respondents and outcome.

    `outcome`: "decided" is executed and closed; "returned" is sent back once and then decided;
    "rejected" ends without effect, its measures are proposed but never in force.
    `moment`: point of the appraisal year at which the case is decided.
    """

    case_no: str
    title: str
    facts: str
    school_code: str
    trigger: str
    source: str
    found_on: str
    respondents: list[Respondent]
    outcome: Outcome
    moment: DecisionMoment


@dataclass(frozen=True, slots=True)
class Sample:
    """One year of a bureau: the rows of every import, and the cases."""

    bureau: Bureau
    year: int
    schools: list[Row]
    staff: list[Row]
    participation_records: list[Row]
    scores: list[Row]
    cases: list[CasePlan]
