"""The procedure of a case: the next step and its role for every state."""

from typing import Any, NamedTuple

from client.api import JunhengClient
from client.cases import act_on_case, find_case, get_case, has_undelivered, open_case
from client.demo.bureau import BureauRun
from client.models import Case
from client.problems import CHANGED_MEANWHILE, Problem
from client.sample.model import CasePlan

_ENDED = frozenset({"closed", "rejected"})


class Step(NamedTuple):
    """A verb with its role and body."""

    role: str
    verb: str
    body: dict[str, Any] | None = None


def next_step(plan: CasePlan, case: Case) -> Step | None:
    """The next step of a case, None once it has ended."""
    match case.state:
        case "lead":
            return Step("supervisor", "file")
        case "filed" | "returned":
            return Step("supervisor", "propose", _proposal(plan))
        case "proposed" if plan.outcome == "rejected":
            return Step("bureau_admin", "reject", {"reason": "经复核，所列事实不成立，不予问责"})
        case "proposed":
            return Step("bureau_admin", "review")
        case "under_review" if plan.outcome == "returned" and case.returned_reason is None:
            reason = "责任划分依据不足，请补充说明后重新提出"
            return Step("bureau_admin", "return", {"reason": reason})
        case "under_review":
            return Step("bureau_leader", "decide", _decision(plan))
        case "decided":
            return Step("bureau_admin", "execute", {"note": "已通知本人和学校，并报市督导室"})
        case "executed":
            return Step("bureau_admin", "close", {"note": "措施已落实"})
        case _:
            return None


def advance_case(run: BureauRun, plan: CasePlan) -> bool:
    """Advance a case until it ends or waits for a directive. Returns whether it was unfinished."""
    case = find_case(run.admin, plan.case_no)
    is_new = case is None or case.state not in _ENDED
    if case is None:
        case = open_case(run.supervisor, _lead(plan))
    while (step := next_step(plan, case)) and not (step.verb == "close" and has_undelivered(case)):
        case = _take_step(run, case, step)
    return is_new


def _take_step(run: BureauRun, case: Case, step: Step) -> Case:
    """Take a step. Returns the case afterwards; if it has changed meanwhile, without the step.

    The delivery of a directive changes the case, too.
    """
    try:
        return act_on_case(_client(run, step.role), case, step.verb, step.body)
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
    return {"measures": measures, "opinion": "事实清楚，责任明确，建议按责任追究制度处理"}


def _decision(plan: CasePlan) -> dict[str, Any]:
    return {
        "decision_no": f"教问责〔{plan.case_no.partition('-')[0]}〕{int(plan.case_no[-3:])}号",
        "basis": f"责任追究制度 {plan.trigger}",
    }
