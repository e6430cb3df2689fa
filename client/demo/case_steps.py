"""Steps of accountability: cases are played, their directives arrive, corrections follow."""

import time
from typing import NamedTuple

from client.cases import find_case, has_undelivered
from client.cycles import apply_correction, count_corrections, open_corrections
from client.demo.bureau import BureauRun
from client.demo.case_walk import walk
from client.demo.errors import DemoFailed
from client.demo.tally import Tally
from client.models import Correction
from client.problems import CHANGED_MEANWHILE, Problem
from client.sample.model import CasePlan
from client.text import Text

_POLL_SECONDS = 0.05
_LONGEST_POLL_SECONDS = 1.0
DELIVERY_SECONDS = 120.0
_NOT_DELIVERED = Text(
    "案件 {case_no} 的考核指令 {seconds:.0f} 秒内未送达:{detail}",
    "the directive of case {case_no} has not arrived within {seconds:.0f} s: {detail}",
)
_REFUSED = Text(
    "案件 {case_no} 的考核指令被拒收:{detail}",
    "the directive of case {case_no} is refused: {detail}",
)


class CasePlay(NamedTuple):
    """A case to be played in its bureau."""

    run: BureauRun
    plan: CasePlan


def play_case(play: CasePlay) -> Tally:
    """Play a case to its end, waiting for its directives before it is closed."""
    is_new = walk(play.run, play.plan)
    await_delivery(play)
    walk(play.run, play.plan)
    return Tally.one(is_new=is_new)


def await_delivery(play: CasePlay) -> None:
    """Wait until the appraisal has taken every directive of a case.

    Raises:
        DemoFailed: it refuses one, or takes too long.
    """
    case_no = play.plan.case_no
    give_up, pause = time.monotonic() + DELIVERY_SECONDS, _POLL_SECONDS
    while (case := find_case(play.run.admin, case_no)) is not None:
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
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)


def correct_results(run: BureauRun) -> Tally:
    """Let the leading group make the corrections that late decisions call for."""
    made = 0
    while waiting := open_corrections(run.leader, run.year):
        made += sum(_make(run, correction) for correction in waiting)
    return Tally(new=made, kept=count_corrections(run.leader, run.year) - made)


def _make(run: BureauRun, correction: Correction) -> bool:
    """Make a correction; False where somebody has changed it since it was read."""
    try:
        apply_correction(run.leader, correction)
    except Problem as problem:
        if problem.status != CHANGED_MEANWHILE:
            raise
        return False
    return True
