"""A case's way through the procedure: whatever state it is in, who takes which step next."""

from typing import Any, NamedTuple

from client.api import JunhengClient
from client.cases import act_on_case, find_case, get_case, has_undelivered, open_case
from client.demo.bureau import BureauRun
from client.models import Case
from client.problems import CHANGED_MEANWHILE, Problem
from client.sample.model import CasePlan

_ENDED = frozenset({"closed", "rejected"})


class Move(NamedTuple):
    """A verb, the role that says it, and what it says."""

    role: str
    verb: str
    body: dict[str, Any] | None = None


def next_move(plan: CasePlan, case: Case) -> Move | None:
    """What happens to the case next, None when it has ended."""
    match case.state:
        case "lead":
            return Move("supervisor", "file")
        case "filed" | "returned":
            return Move("supervisor", "propose", _proposal(plan))
        case "proposed" if plan.outcome == "rejected":
            return Move("bureau_admin", "reject", {"reason": "经复核,所列事实不成立,不予追究"})
        case "proposed":
            return Move("bureau_admin", "review")
        case "under_review" if plan.outcome == "returned" and case.returned_reason is None:
            reason = "责任划分依据不足,请补充说明后重新提出"
            return Move("bureau_admin", "return", {"reason": reason})
        case "under_review":
            return Move("bureau_leader", "decide", _decision(plan))
        case "decided":
            return Move("bureau_admin", "execute", {"note": "已通知本人和学校,并报市督导室"})
        case "executed":
            return Move("bureau_admin", "close", {"note": "措施已落实"})
        case _:
            return None


def walk(run: BureauRun, plan: CasePlan) -> bool:
    """Bring a case forward until it ends or waits for a directive; whether anything was done."""
    case = find_case(run.admin, plan.case_no)
    is_new = case is None or case.state not in _ENDED
    if case is None:
        case = open_case(run.supervisor, _lead(plan))
    while (move := next_move(plan, case)) and not (move.verb == "close" and has_undelivered(case)):
        case = _make(run, case, move)
    return is_new


def _make(run: BureauRun, case: Case, move: Move) -> Case:
    """The case after a move, or without it: as it is now, where it has changed meanwhile.

    A directive on its way does that, too.
    """
    try:
        return act_on_case(_client(run, move.role), case, move.verb, move.body)
    except Problem as problem:
        if problem.status != CHANGED_MEANWHILE:
            raise
    return get_case(run.admin, case.case_no)


def _client(run: BureauRun, role: str) -> JunhengClient:
    return run.logins[role]


def _lead(plan: CasePlan) -> dict[str, Any]:
    return {
        "case_no": plan.case_no,
        "title": plan.title,
        "facts": plan.facts,
        "trigger": plan.trigger,
        "source": plan.source,
        "school_code": plan.school_code,
        "found_on": plan.found_on,
        "respondents": [
            {"staff_no": one.staff_no, "responsibility": one.responsibility}
            for one in plan.respondents
        ],
    }


def _proposal(plan: CasePlan) -> dict[str, Any]:
    measures = [
        {"staff_no": one.staff_no, "measure": one.measure}
        for one in plan.respondents
        if one.measure
    ]
    return {"measures": measures, "opinion": "事实清楚,责任明确,建议按责任追究制度处理"}


def _decision(plan: CasePlan) -> dict[str, Any]:
    return {
        "decision_no": f"教问责〔{plan.case_no.partition('-')[0]}〕{int(plan.case_no[-3:])}号",
        "basis": f"责任追究制度 {plan.trigger}",
    }
