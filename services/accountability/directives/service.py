"""Issuing directives: rows and durable jobs, in the transaction of the decision."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.cases.models import Case, Respondent
from services.accountability.directives.models import DirectiveDelivery
from services.chassis.queue.jobs import enqueue

APPRAISAL_MEASURE = "M4"
DELIVER = "accountability.deliver_directive"


def directive_number(bureau_code: str, case_no: str, staff_no: str) -> str:
    """The natural key of a directive: the same decision always gives the same number.

    The dot keeps numbers apart: it cannot stand in a staff number, a hyphen can stand anywhere.
    """
    return f"{bureau_code}-{case_no}.{staff_no}"


async def issue_directives(
    session: AsyncSession, case: Case, respondents: Iterable[Respondent]
) -> None:
    """Write a directive and its delivery job for every M4 measure of a decided case."""
    for respondent in respondents:
        if respondent.measure != APPRAISAL_MEASURE:
            continue
        assert case.assessment_year is not None
        assert case.basis is not None
        assert case.decided_on is not None
        number = directive_number(case.bureau_code, case.case_no, respondent.staff_no)
        session.add(
            DirectiveDelivery(
                bureau_code=case.bureau_code,
                case_id=case.id,
                directive_no=number,
                staff_no=respondent.staff_no,
                case_no=case.case_no,
                measure=respondent.measure,
                year=case.assessment_year,
                basis=case.basis,
                decided_on=case.decided_on,
            )
        )
        await enqueue(session, "accountability", DELIVER, {"directive_no": number})
