"""Bodies of the verbs of the procedure: reasons, notes, proposal, decision."""

from typing import Annotated

from pydantic import Field

from services.accountability.cases.schemas import MAX_RESPONDENTS
from services.accountability.codes import MEASURES
from services.chassis.schemas.fields import LineText, ProseText
from services.chassis.schemas.strict_bodies import Body

Wording = Annotated[ProseText, Field(max_length=2000)]


class Reason(Body):
    """Why (理由)."""

    reason: Wording = Field(description="Reason, kept in the history", examples=["事实不清"])


class Note(Body):
    """A note on the step (说明)."""

    note: Wording | None = Field(
        None, description="Kept in the history", examples=["已在全县通报，报市督导室"]
    )


class MeasureProposal(Body):
    """A measure for one respondent (拟给予的措施)."""

    staff_no: str = Field(description="A respondent of the case", examples=["T000001"])
    measure: Annotated[str, MEASURES] = Field(
        description="Code list `measures`, code or label", examples=["M4"]
    )
    reason: Wording | None = Field(None, description="Why this one", examples=["隐瞒情节严重"])


class Proposal(Body):
    """The preliminary opinion and its measures (初步意见)."""

    measures: list[MeasureProposal] = Field(
        min_length=1, max_length=MAX_RESPONDENTS, description="One for each person that gets one"
    )
    opinion: Wording = Field(description="Preliminary opinion", examples=["建议予以问责"])


class Decision(Body):
    """The bureau's decision (决定)."""

    decision_no: Annotated[LineText, Field(max_length=64)] | None = Field(
        None, description="Number of the document", examples=["教问责〔2025〕3号"]
    )
    basis: Annotated[ProseText, Field(max_length=500)] = Field(
        description="Legal basis", examples=["责任追究制度 第二类第7项"]
    )
    assessment_year: int | None = Field(
        None,
        ge=2000,
        le=2100,
        description="Year whose appraisal M4 fixes; the year it was found when not given",
        examples=[2025],
    )
