"""What a sample consists of: import rows, and the accountability cases to be played on them."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

# One row of an import file: str, int, float or None by column. `Any`, because a reader of a
# column knows its type and should not have to prove it at every use.
Row = dict[str, Any]

Measure = Literal["M1", "M2", "M3", "M4", "M5"]
Responsibility = Literal["first", "direct"]
Outcome = Literal["decided", "rejected", "returned"]
Moment = Literal["before_determination", "after_determination", "after_confirmation"]


@dataclass(frozen=True, slots=True)
class Bureau:
    """A county education bureau (县教育局), the tenant that owns a sample."""

    bureau_code: str
    name: str


class Respondent(NamedTuple):
    """A person held responsible in a case; the measure is the proposed one, None for no measure."""

    staff_no: str
    responsibility: Responsibility
    measure: Measure | None


@dataclass(frozen=True, slots=True)
class CasePlan:
    """A case to be played through the API: what it says, whom it names and how it ends.

    `outcome` "decided" is executed and closed, "returned" is sent back once and then decided,
    "rejected" ends without effect: the measures of its respondents are proposed, never in force.
    `moment` says at which point of the appraisal year the decision falls.
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
    moment: Moment


@dataclass(frozen=True, slots=True)
class Sample:
    """One bureau's year: the rows of every import, and its cases."""

    bureau: Bureau
    year: int
    schools: list[Row]
    staff: list[Row]
    facts: list[Row]
    scores: list[Row]
    cases: list[CasePlan]
