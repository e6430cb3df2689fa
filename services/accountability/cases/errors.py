"""Problems of cases."""

from services.chassis.core.errors import Conflict, NotFound, Taken
from services.chassis.core.text import Text


class CaseNotFound(NotFound):
    """No such case, or not visible to the caller."""

    code = "accountability.case_not_found"
    title = Text("没有这件案件", "No such case")
    detail = Text("没有案件 {key}，或您无权查看。", "No case {key}, or it is not visible to you.")


class CaseNoTaken(Taken):
    """The case number is taken in this bureau."""

    code = "accountability.case_no_taken"
    field = "case_no"
    title = Text("案号已被占用", "Case number taken")
    detail = Text("案号 {case_no} 已被使用。", "The case number {case_no} is taken.")


class NotEditable(Conflict):
    """The state of the case does not allow changing this part."""

    code = "accountability.not_editable"
    title = Text("当前状态不能修改", "Change not allowed in this state")
    detail = Text(
        "案件现为 {state}，只有 {open} 状态可以修改。",
        "The case is {state}; changes are allowed while it is {open}.",
    )


class RespondentTaken(Conflict):
    """The person is already a respondent of this case."""

    code = "accountability.respondent_taken"
    title = Text("责任人已在案", "Already a respondent")
    detail = Text("{staff_nos} 已是本案责任人。", "Already respondents of this case: {staff_nos}.")


class RespondentNotFound(NotFound):
    """The person is not a respondent of this case."""

    code = "accountability.respondent_not_found"
    title = Text("本案没有此责任人", "No such respondent")
    detail = Text("{key} 不是本案责任人。", "{key} is not a respondent of this case.")


class NoRespondents(Conflict):
    """The case has no respondents for whom measures could be proposed."""

    code = "accountability.no_respondents"
    title = Text("尚无责任人", "No respondents")
    detail = Text(
        "请先登记责任人，再提出处理意见。", "Register respondents before proposing measures."
    )


class NoMeasure(Conflict):
    """No respondent has a measure, so a decision would have no effect."""

    code = "accountability.no_measure"
    title = Text("尚无措施", "No measure")
    detail = Text("至少一名责任人须有措施。", "At least one respondent needs a measure.")


class DeciderIsProposer(Conflict):
    """The proposer of measures cannot decide on them."""

    code = "accountability.decider_is_proposer"
    title = Text("提出人不能作决定", "The proposer cannot decide")
    detail = Text(
        "处理意见由您提出，须由他人决定。", "You proposed the measures; another person must decide."
    )


class DirectivePending(Conflict):
    """A directive has neither been accepted nor refused by the appraisal service."""

    code = "accountability.directive_pending"
    title = Text("考核指令尚未送达", "Directives pending")
    detail = Text(
        "尚有 {count} 条考核指令待送达，送达或被拒收后方可结案。",
        "{count} directive(s) are pending; close the case once each is delivered or refused.",
    )
