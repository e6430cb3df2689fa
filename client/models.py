"""The platform's main answers as typed objects; what a newer server adds is ignored."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Versioned(_Answer):
    version: int

    @property
    def etag(self) -> str:
        """What a change that is based on this state sends as `if_match`."""
        return f'"{self.version}"'


class Clock(_Answer):
    """The platform's clock; in production it never moves."""

    now: datetime
    moved: bool


class Cycle(_Answer):
    """One year's appraisal of a bureau."""

    id: str
    year: int
    state: str
    version: int = 0
    participants: int
    is_stale: bool
    publicity_from: date | None = None
    publicity_to: date | None = None


class Reason(_Answer):
    """One reason of a result."""

    code: str
    params: dict[str, Any] = Field(default_factory=dict)
    message: str = ""


class Result(_Answer):
    """What was determined for a person, with everything it follows from."""

    staff_no: str
    name: str
    school_code: str
    result: str
    total: float | None = None
    rank: int | None = None
    reasons: list[Reason] = Field(default_factory=list)


class SchoolSummary(_Answer):
    """One school's results and its quota of excellent ones."""

    school_code: str
    school_name: str
    participants: int
    base: int
    limit: int
    excellent: int
    qualified: int
    basically_qualified: int
    unqualified: int
    undetermined: int


class Delivery(_Answer):
    """A directive on its way from a case to the appraisal."""

    directive_no: str
    state: str
    attempts: int
    detail: str | None = None


class Respondent(_Answer):
    """A person named in a case."""

    staff_no: str
    name: str
    responsibility: str
    measure: str | None = None
    directive: Delivery | None = None


class Case(_Versioned):
    """A matter of accountability."""

    id: str
    case_no: str
    title: str
    state: str
    assessment_year: int | None = None
    returned_reason: str | None = None
    respondents: list[Respondent] = Field(default_factory=list)


class Correction(_Versioned):
    """A decision that came after the year was confirmed, and what it would change."""

    id: str
    staff_no: str
    state: str
    case_no: str
