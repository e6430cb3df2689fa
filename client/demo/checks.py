"""Consistency checks that every appraisal year must pass, independent of the data."""

from collections.abc import Iterator

from client.cases import IN_FORCE
from client.demo.outcome import BureauOutcome
from client.text import Language, Text

_ADD_UP = Text(
    "{bureau}：结果合计 {results}，汇总表合计 {summary}，参加考核 {participants}，三者不一致",
    "{bureau}: {results} results, {summary} in the summary, {participants} participants",
)
_QUOTA = Text(
    "{bureau} {school}：优秀 {excellent} 人，超过名额 {limit} 人",
    "{bureau} {school}: {excellent} excellent results exceed the limit of {limit}",
)
_FIXED = Text(
    "{bureau} {staff_no}：案件 {case_no} 给予 M4，但结果为 {result} 或未引用该案",
    "{bureau} {staff_no}: M4 in case {case_no}, but the result is {result} or does not cite it",
)
_ABSENT = Text(
    "{bureau} {staff_no}：缺勤超过半年，但结果为 {result} 或未列明该原因",
    "{bureau} {staff_no}: absent over half the year, but the result is {result} "
    "or does not state that reason",
)


def faults_of(outcome: BureauOutcome, language: Language) -> Iterator[str]:
    """All faults of a bureau's year, in words."""
    bureau = outcome.run.bureau.bureau_code
    results = outcome.results.total()
    summary = sum(school.participants for school in outcome.schools)
    if not results == summary == outcome.participants:
        yield _ADD_UP.render(
            language,
            bureau=bureau,
            results=results,
            summary=summary,
            participants=outcome.participants,
        )
    for school in outcome.schools:
        if school.excellent > school.limit:
            yield _QUOTA.render(
                language,
                bureau=bureau,
                school=school.school_name,
                excellent=school.excellent,
                limit=school.limit,
            )
    yield from _unfixed(outcome, language)
    for staff_no in sorted(outcome.run.absent):
        person = outcome.people.get(staff_no)
        result = person.result if person else "–"
        if person is None or result != "undetermined" or not person.cites("absent_over_half"):
            yield _ABSENT.render(language, bureau=bureau, staff_no=staff_no, result=result)


def _unfixed(outcome: BureauOutcome, language: Language) -> Iterator[str]:
    for case in outcome.cases:
        for one in case.respondents:
            if case.state not in IN_FORCE or one.measure != "M4":
                continue
            person = outcome.people.get(one.staff_no)
            result = person.result if person else "–"
            if person is None or result != "unqualified" or not person.cites_case(case.case_no):
                yield _FIXED.render(
                    language,
                    bureau=outcome.run.bureau.bureau_code,
                    staff_no=one.staff_no,
                    case_no=case.case_no,
                    result=result,
                )
