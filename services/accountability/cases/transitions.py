"""The procedure of a case: its states, the verbs between them, and what may be changed when."""

from services.accountability.cases.errors import (
    DeciderIsProposer,
    DirectivePending,
    NoMeasure,
    NoRespondents,
)
from services.accountability.cases.scopes import CaseScope
from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb
from services.chassis.procedures.sql import CALLER_STAFF_NO, CALLER_SUBJECT

# Queries for one row, not `exists`: PostgreSQL could answer that by reading the whole table.
_RESPONDENT = "(select true from respondent r where r.case_id = {row}.id {also} limit 1) is true"
_PENDING = (
    "(select count(*) from directive_delivery d where d.case_id = {row}.id and d.state = 'pending')"
)

_NAMES_SOMEBODY = Guard(NoRespondents, _RESPONDENT.replace("{also}", ""))
_HAS_MEASURE = Guard(NoMeasure, _RESPONDENT.replace("{also}", "and r.measure is not null"))
# The same account, or another one of the same person.
_BY_ANOTHER = Guard(
    DeciderIsProposer,
    f"{{row}}.proposed_by is distinct from {CALLER_SUBJECT} and not coalesce("
    f"{{row}}.proposer_staff_no = {CALLER_STAFF_NO}, false)",
)
_DELIVERED = Guard(DirectivePending, f"{_PENDING} = 0", {"count": _PENDING})

CASE_PROCEDURE = StateMachine(
    name="cases",
    title=Text("案件", "Case"),
    table="case_file",
    states=(
        State("lead", Text("线索", "Lead")),
        State("filed", Text("已立案", "Filed")),
        State("proposed", Text("已提出意见", "Proposed")),
        State("under_review", Text("审核中", "Under review")),
        State("returned", Text("已退回", "Returned")),
        State("decided", Text("已决定", "Decided")),
        State("executed", Text("已执行", "Executed")),
        State("closed", Text("已结案", "Closed"), is_final=True),
        State("rejected", Text("不予问责", "Rejected"), is_final=True),
    ),
    verbs=(
        Verb("file", Text("立案", "File"), ("lead",), "filed", CaseScope.WRITE),
        Verb(
            "reject",
            Text("不予问责", "Reject"),
            ("lead", "filed", "proposed"),
            "rejected",
            CaseScope.REVIEW,
        ),
        Verb(
            "propose",
            Text("提出意见", "Propose measures"),
            ("filed", "returned"),
            "proposed",
            CaseScope.WRITE,
            (_NAMES_SOMEBODY,),
        ),
        Verb("review", Text("审核", "Review"), ("proposed",), "under_review", CaseScope.REVIEW),
        Verb("return", Text("退回", "Return"), ("under_review",), "returned", CaseScope.REVIEW),
        Verb(
            "notify",
            Text("告知", "Give notice"),
            ("under_review",),
            "under_review",
            CaseScope.REVIEW,
        ),
        Verb(
            "decide",
            Text("决定", "Decide"),
            ("under_review",),
            "decided",
            CaseScope.DECIDE,
            (_BY_ANOTHER, _HAS_MEASURE),
        ),
        Verb("execute", Text("执行", "Execute"), ("decided",), "executed", CaseScope.EXECUTE),
        Verb(
            "close",
            Text("结案", "Close"),
            ("executed",),
            "closed",
            CaseScope.EXECUTE,
            (_DELIVERED,),
        ),
    ),
    state_list="case-states",
)

# While a case is in one of these, its texts may be corrected.
TEXTS_OPEN = frozenset({"lead", "filed"})
# While a case is in one of these, respondents may be named or taken off.
RESPONDENTS_OPEN = frozenset({"lead", "filed", "returned"})
# In this one respondents who have been notified are heard.
HEARING = "under_review"
# From the decision on, measures are in force.
IN_FORCE = frozenset({"decided", "executed", "closed"})
