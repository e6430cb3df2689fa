"""Accountability steps: carry cases through, await directives, apply corrections."""

import time
from typing import NamedTuple

from client.cases import find_case, has_undelivered
from client.cycles import apply_correction, count_corrections, open_corrections
from client.demo.bureau import BureauRun
from client.demo.case_procedure import advance_case
from client.demo.errors import DemoFailed
from client.demo.tally import Tally
from client.models import Correction
from client.problems import CHANGED_MEANWHILE, Problem
from client.sample.model import CasePlan
from client.text import Text

_POLL_SECONDS = 0.05
_MAX_POLL_SECONDS = 1.0
DELIVERY_SECONDS = 120.0
_NOT_DELIVERED = Text(
    "案件 {case_no} 的考核指令 {seconds:.0f} 秒内未送达：{detail}",
    "the directive of case {case_no} was not delivered within {seconds:.0f} s: {detail}",
)
_REFUSED = Text(
    "案件 {case_no} 的考核指令被拒收：{detail}",
    "the directive of case {case_no} was refused: {detail}",
)


class PlannedCase(NamedTuple):
    """A planned case with its bureau."""

    run: BureauRun
    plan: CasePlan


def complete_case(planned: PlannedCase) -> Tally:
    """Carry a case through to its end, waiting for its directives before closing it."""
    is_new = advance_case(planned.run, planned.plan)
    await_delivery(planned)
    advance_case(planned.run, planned.plan)
    return Tally.one(is_new=is_new)


def await_delivery(planned: PlannedCase) -> None:
    """Wait until every directive of a case has been delivered to the appraisal service.

    Raises:
        DemoFailed: a directive was refused or not delivered in time.
    """
    case_no = planned.plan.case_no
    give_up, pause = time.monotonic() + DELIVERY_SECONDS, _POLL_SECONDS
    while (case := find_case(planned.run.admin, case_no)) is not None:
        directives = [one.directive for one in case.respondents if one.directive]
        if refused := [one for one in directives if one.state == "refused"]:
            raise DemoFailed(_REFUSED, case_no=case_no, detail=refused[0].detail or "")
        if not has_undelivered(case):
            return
        if time.monotonic() > give_up:
            detail = "; ".join(one.detail or one.state for one in directives)
            raise DemoFailed(
                _NOT_DELIVERED, case_no=case_no, seconds=DELIVERY_SECONDS, detail=detail
            )
        time.sleep(pause)
        pause = min(pause * 1.5, _MAX_POLL_SECONDS)


def correct_results(run: BureauRun) -> Tally:
    """Have the leading group apply the corrections caused by late decisions."""
    applied = 0
    while waiting := open_corrections(run.leader, run.year):
        applied += sum(_apply(run, correction) for correction in waiting)
    return Tally(new=applied, kept=count_corrections(run.leader, run.year) - applied)


def _apply(run: BureauRun, correction: Correction) -> bool:
    """Apply a correction. Returns False if it has changed since it was read."""
    try:
        apply_correction(run.leader, correction)
    except Problem as problem:
        if problem.status != CHANGED_MEANWHILE:
            raise
        return False
    return True
