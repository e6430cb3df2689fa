"""Typed answers of the platform; fields added by newer versions are ignored."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Versioned(_Answer):
    version: int

    @property
    def etag(self) -> str:
        """The value of `if_match` for a change based on this state."""
        return f'"{self.version}"'


class Clock(_Answer):
    """The platform's clock, which cannot be moved in production."""

    now: datetime
    moved: bool


class Cycle(_Answer):
    """The appraisal of one year in a bureau."""

    id: str
    year: int
    state: str
    version: int = 0
    participants: int
    is_stale: bool
    public_notice_from_on: date | None = None
    public_notice_to_on: date | None = None


class Reason(_Answer):
    """One reason of a result."""

    code: str
    params: dict[str, Any] = Field(default_factory=dict)
    message: str = ""


class Result(_Answer):
    """A person's appraisal result with its reasons."""

    staff_no: str
    name: str
    school_code: str
    result: str
    total: float | None = None
    rank: int | None = None
    reasons: list[Reason] = Field(default_factory=list)


class SchoolSummary(_Answer):
    """The results of one school and its quota of excellent results."""

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
    """Delivery of a directive from a case to the appraisal service."""

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
    """An accountability case."""

    id: str
    case_no: str
    title: str
    state: str
    assessment_year: int | None = None
    returned_reason: str | None = None
    respondents: list[Respondent] = Field(default_factory=list)


class Correction(_Versioned):
    """A proposed change to a confirmed result, caused by a later decision."""

    id: str
    staff_no: str
    state: str
    case_no: str
